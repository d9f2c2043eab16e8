/** Users of a web shop. */

namespace js shop

/** What a user may do. */
enum Role {
  CUSTOMER = 1,
  CLERK,
  MANAGER = 10,
}

struct User {
  1: required i64 id,
  2: required string name,
  3: Role role = Role.CUSTOMER,
  /** Milliseconds since 1970. */
  4: optional i64 lastSeen,
}

exception UserNotFound {
  1: string message,
}

service UserService {
  /** The user of this id. */
  User getUser(1: i64 id) throws (1: UserNotFound notFound),
}
