/** One service that holds every type, for tests of peers: each echo method answers its argument. */

include "shared.thrift"

namespace cpp everything
namespace go everything
namespace java org.example.everything
namespace py everything

/** Starts at 0, leaves values out, and goes below 0. */
enum Color {
  RED,
  GREEN,
  BLUE = 5,
  /** One above BLUE. */
  VIOLET,
  INFRARED = -3,
}

typedef i32 Length
typedef list<Length> Path
typedef map<string, Path> Paths

const i32 ANSWER = 42
const Length MARGIN = -0x10
const list<string> WEEKEND = ["Saturday", "Sunday"]
const map<string, i32> HANDS = {"left": 1, "right": 2}
const double HALF = 0.5

/** A point of the plane. */
struct Point {
  1: required Length x,
  2: required Length y,
}

const Point ORIGIN = {"x": 0, "y": 0}

/** Every base type, each left unset where it is not told. */
struct Scalars {
  1: optional bool aBool,
  2: optional i8 anI8,
  3: optional i16 anI16,
  4: optional i32 anI32,
  5: optional i64 anI64,
  6: optional double aDouble,
  7: optional string aString,
  8: optional binary aBinary,
  9: optional Color aColor,
}

/** Each requiredness, with and without a default value. */
struct Presence {
  1: required i32 needed,
  2: required string neededDefault = "needed",
  3: i32 plain,
  4: i32 plainDefault = ANSWER,
  5: optional i32 maybe,
  6: optional i32 maybeDefault = 7,
  7: list<string> plainList = ["Saturday", "Sunday"],
  8: Color plainColor = Color.BLUE,
  9: Point plainPoint = {"x": 1, "y": MARGIN},
  10: double plainDouble = HALF,
  11: bool plainBool = true,
}

/** Exactly one of its fields. */
union Choice {
  1: bool flag,
  2: i64 number,
  3: string text,
  4: binary bytes,
  5: Point point,
  6: list<i32> numbers,
  7: Color color,
}

/** Holds itself. */
struct Tree {
  1: required string label,
  2: optional list<Tree> children,
}

/** Holds itself directly; the reference mark is for languages that store structs in place. */
struct Chain {
  1: i64 number,
  2: optional Chain & rest,
}

/** Types inside of types. */
struct AllTypes {
  1: optional Scalars scalars,
  2: optional Presence presence,
  3: optional Choice choice,
  4: optional Tree tree,
  5: optional list<bool> bools,
  6: optional list<i64> longs,
  7: optional list<binary> blobs,
  8: optional set<i32> numbers,
  9: optional set<Color> colors,
  10: optional map<string, string> strings,
  11: optional map<i32, Point> points,
  12: optional map<Color, string> colorNames,
  13: optional list<list<double>> matrix,
  14: optional map<string, map<i32, list<Choice>>> deep,
  15: optional Paths paths,
  /** A field far away from the one before it. */
  1000: optional i8 far,
  /** The highest id that there is. */
  32767: optional string last,
}

/** What was asked for is not there. */
exception NotFound {
  1: string name,
} (http.status = "404")

/** The caller may not do this; holds what a struct may hold. */
exception Denied {
  1: required string reason,
  2: optional list<Point> where,
  3: i32 code = 13,
}

service Everything extends shared.Base {
  bool echoBool(1: bool value),
  i8 echoI8(1: i8 value),
  i16 echoI16(1: i16 value),
  i32 echoI32(1: i32 value),
  i64 echoI64(1: i64 value),
  double echoDouble(1: double value),
  string echoString(1: string value),
  binary echoBinary(1: binary value),
  Color echoColor(1: Color value),
  Length echoLength(1: Length value),

  Point echoPoint(1: Point value),
  Scalars echoScalars(1: Scalars value),
  Presence echoPresence(1: Presence value),
  Choice echoChoice(1: Choice value),
  Tree echoTree(1: Tree value),
  Chain echoChain(1: Chain value),
  AllTypes echoEverything(1: AllTypes value),

  list<bool> echoBoolList(1: list<bool> value),
  list<i8> echoI8List(1: list<i8> value),
  list<i64> echoI64List(1: list<i64> value),
  list<double> echoDoubleList(1: list<double> value),
  list<string> echoStringList(1: list<string> value),
  list<binary> echoBinaryList(1: list<binary> value),
  list<Choice> echoChoiceList(1: list<Choice> value),
  list<list<list<i32>>> echoNestedList(1: list<list<list<i32>>> value),
  list<map<string, set<i16>>> echoMixedList(1: list<map<string, set<i16>>> value),
  Path echoPath(1: Path value),

  set<i64> echoI64Set(1: set<i64> value),
  set<string> echoStringSet(1: set<string> value),
  set<Color> echoColorSet(1: set<Color> value),

  map<string, i32> echoStringMap(1: map<string, i32> value),
  map<bool, string> echoBoolMap(1: map<bool, string> value),
  map<i8, i16> echoI8Map(1: map<i8, i16> value),
  map<i64, i64> echoI64Map(1: map<i64, i64> value),
  map<double, string> echoDoubleMap(1: map<double, string> value),
  map<binary, binary> echoBinaryMap(1: map<binary, binary> value),
  map<Color, Point> echoColorMap(1: map<Color, Point> value),
  map<string, map<i32, list<Point>>> echoNestedMap(1: map<string, map<i32, list<Point>>> value),

  /** Several arguments, out of order, one with a default value: "text*times", joined with the separator. */
  string join(3: string separator = "-", 1: string text, 2: i32 times),

  /** A result and no argument: ANSWER. */
  i32 answer(),

  /** Empty containers, which some servers leave unset. */
  list<string> emptyList(),
  set<i32> emptySet(),
  map<string, Point> emptyMap(),

  /**
   * Raises what the kind names: notFound, denied, fault or undeclared (an error that is not in the throws list).
   * Answers any other kind.
   */
  string fail(1: string kind) throws (1: NotFound notFound, 2: Denied denied, 4: shared.Fault fault),

  /** As fail, without a result. */
  void failVoid(1: string kind) throws (1: NotFound notFound, 2: Denied denied (http.status = "403")),

  /** Answers its argument after so many milliseconds. */
  i32 slow(1: i32 milliseconds),

  /** Noted, without an answer. */
  oneway void notify(1: string event),

  /** The events noted since the last reset, in the order of their arrival. */
  list<string> notified(),

  /** Forgets the events. */
  void reset(),
}
