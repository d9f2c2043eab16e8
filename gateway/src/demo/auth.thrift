/** Who a user is, and whether the password is right. */

namespace py accounts.auth

/** The call could not be done; the code says why. */
exception SystemException {
  /** 401: email or password is wrong. 423: the account is locked. */
  1: i32 errorCode,
  2: string message,
}

/** A user, as the rest of the system knows one. */
struct User {
  1: required i64 id,
  2: required string email,
  3: optional string displayName,
  4: list<string> roles,
}

/** What a successful login gives. */
struct LoginResult {
  1: required User user,
  /** Goes with every later call. */
  2: required string token,
  /** Seconds from now. */
  3: i32 expiresIn = 3600,
}

/** Logs users in. */
service AuthenticationService {
  /** Checks the password and opens a session. */
  LoginResult login(1: string email, 2: string password) throws (1: SystemException err),
}
