/** Payments, with what a page must not give away. */

/** A card, of which the number is nobody's business. */
struct Card {
  /** As it is printed on the card. */
  1: required string number (sensitive),
  2: optional string holder,
}

struct Receipt {
  1: required i64 id,
  2: required i64 cents,
}

/** The bank did not agree. */
exception Declined {
  1: string reason,
}

/** Takes and gives back money. */
service Payments {
  /** Takes money from a Card and answers the Receipt. */
  Receipt pay(1: required Card card, 2: required i64 cents, 3: string pin (sensitive)) throws (1: Declined declined),

  /** Gives the money of a receipt back. */
  void refund(1: i64 receipt) throws (1: Declined declined),
}
