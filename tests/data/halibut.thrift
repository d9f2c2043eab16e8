/** How much halibut was caught. */

namespace cpp halibut

/** A day of the Gregorian calendar. */
struct Date {
  1: required i16 year,
  /** 1 is January. */
  2: required i16 month,
  3: required i16 day,
}

/** There is no such day. */
exception InvalidDate {
  1: Date date,
  2: string reason,
}

service HalibutTracking {
  /** Today's catch so far, in pounds. */
  double get_catch_in_pounds_today(),

  /** The catch of one day in pounds, at least the given number: smaller catches count as 0. */
  double get_catch_in_pounds_by_date(1: Date date, 2: double minimum) throws (1: InvalidDate invalid),
}
