/** What several services share. */

namespace cpp shared
namespace go shared
namespace java org.example.shared
namespace py shared

/** A count of milliseconds since 1970. */
typedef i64 Timestamp

/** How loud a fault is. */
enum Severity {
  /** Below every other. */
  TRACE = -1,
  INFO,
  WARNING,
  FATAL = 0x10,
}

/** Fits no other exception. */
exception Fault {
  1: required Severity severity = Severity.WARNING,
  2: required string message,
  3: optional Timestamp at,
}

const string VERSION = "1.0"

/** What every service of this family answers. */
service Base {
  /** Answers at once. */
  void ping(),

  /** The version of the family, VERSION. */
  string version(),

  Timestamp echoTimestamp(1: Timestamp value),
}
