/** A phonebook. */

namespace go contact
namespace py phonebook.contact

/** One entry of the phonebook. */
struct Contact {
  /** Chosen by the phonebook when the entry is created. */
  1: required string id,
  2: required string name,
  /** As it is dialled, with the country's code: +41 44 668 18 00. */
  3: required string phone,
  4: optional string email,
  /** When the entry was made, as RFC 3339 writes it. */
  5: required string created,
}

/** Keeps contacts, in memory. */
service ContactSvc {
  /** Makes an entry and answers it, with its new id. */
  Contact create(1: string name, 2: string phone, 3: string email),

  /** The entry of this id. */
  Contact read(1: string id),

  /** Replaces the entry of the contact's id, and answers what is stored. */
  Contact update(1: Contact contact),

  /** Takes the entry out, and answers what it was. */
  Contact destroy(1: string id),

  /** All entries, in the order in which they were made. */
  list<Contact> fetch(),

  /** Takes every entry out. */
  void reset(),
}
