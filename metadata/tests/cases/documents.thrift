/**
 * The file's own comment,
 *   with an indented line.
 */
namespace java org.example.documents (origin = "hand")
namespace * example.documents
namespace py documents.old
namespace py documents

/** A level
	with a tab before the second line. */
enum Level { /** the lowest */ LOW = 1, /** not
  aligned */ HIGH, /***/ HIGHER /* plain */ }

/**
 * One star
 no star
 */
struct Plain {
  1: i32 first /** behind the first, so of the second */
  2: i32 second, // not a doc
  /** lost */ /** kept */
  3: i32 third
  /**/ 4: i32 fourth # a comment
}

/** Of the service */
service Documented {
  /** Of the method

      with a blank line */
  void call(/** of the argument */ 1: Plain plain)
}
