/** People and where they live. */

namespace py people.person

/** A postal address. */
struct Address {
  1: string street,
  2: string city,
  /** Two letters, ISO 3166-1. */
  3: optional string country,
}

struct Person {
  1: required i32 id,
  2: required string name,
  3: optional i16 age,
  4: optional Address address,
  /** Other names that the person is known by. */
  5: optional set<string> aliases,
}

/** No person has this id. */
exception PersonNotFound {
  1: i32 id,
} (http.status = "404")

service PersonService {
  Person getPersonById(1: i32 id) throws (1: PersonNotFound notFound),

  /** Stores the person under its id; true where the id was new. */
  bool savePerson(1: Person person),
}
