/** A shop, with one of everything that a document has to say. */

/** What a user may do. */
enum Role {
  CUSTOMER = 1,
  /** Sells. */
  CLERK,
  SELLER = 2,
  MANAGER = 10,
}

/** Where something is. */
struct Place {
  1: required double latitude,
  2: required double longitude,
}

typedef string Email (example = "shop@example.com")

/** Someone who buys or sells. */
struct User {
  1: required i64 id,
  2: required Email email,
  /** Never in a log. */
  3: optional string password (sensitive),
  4: Role role = Role.CUSTOMER,
  /** Milliseconds since 1970. */
  5: optional i64 lastSeen,
  6: optional list<User> friends,
  7: optional string internal (thriftgate.hidden),
  8: optional i32 age (deprecated = "Ask for the birthday"),
}

/** How something is paid for. */
union Payment {
  1: string card,
  /** Cents. */
  2: i64 cash,
  3: list<Voucher> vouchers,
}

struct Voucher {
  1: required uuid id,
  2: binary signature,
}

struct Order {
  1: required User buyer,
  2: required Payment payment,
  3: map<i32, double> prices,
  4: map<Place, set<string>> stock,
  5: map<Role, bool> allowed,
  6: optional i8 priority = 3,
}

/** It is not there. */
exception NotFound {
  1: required string what,
} (http.status = "404")

exception Sold {
  1: i16 left,
}

/** Buys and sells. */
service Shop {
  /** Orders something. All of it, or nothing. */
  Order order(1: required Order order, 2: bool now = true)
    throws (1: NotFound notFound, 2: Sold sold) (example = '{"order": null}'),

  /** Users by their ids. */
  map<i64, User> users(1: set<i64> ids),

  void reset(),

  /** Forgets nothing. */
  oneway void log(1: string text (example = "It rained")) (deprecated),
}
