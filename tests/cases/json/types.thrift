// The types of the cases in types/: each method gives back what it is given.

enum Color {
  RED = 1,
  GREEN = 2,
  BLUE = 5,
  VERDE = 2,
}

struct Point {
  1: required i32 x,
  2: required i32 y,
  3: optional string label,
}

struct Defaults {
  1: i32 count = 3,
  2: string name = "none",
  3: optional i32 maybe = 7,
  4: list<i32> numbers = [1, 2],
  5: Point origin = {"x": 0, "y": 0},
  6: Color color = Color.BLUE,
  7: i64 unset,
  8: double ratio = 0.5,
  9: map<string, bool> flags = {"on": true},
}

struct Outer {
  1: Inner inner = {"given": 4},
}

struct Inner {
  1: i32 given = 1,
  2: i32 absent = 2,
}

struct Node {
  1: i32 value,
  2: optional list<Node> children,
  3: optional Node next,
}

struct Shuffled {
  3: i32 third,
  1: i32 first,
  2: double second = 0,
}

union Shape {
  1: double radius,
  2: Point corner,
  3: string name = "square",
}

struct Strict {
  1: required string name,
  2: required list<i32> numbers,
  3: i32 plain,
}

exception Broken {
  1: string why,
}

exception Missing {
  1: i32 code,
}

typedef i64 Stamp

service Types {
  bool echo_bool(1: bool value),
  i8 echo_i8(1: i8 value),
  i16 echo_i16(1: i16 value),
  i32 echo_i32(1: i32 value),
  i64 echo_i64(1: i64 value),
  Stamp echo_stamp(1: Stamp value),
  double echo_double(1: double value),
  string echo_string(1: string value),
  binary echo_binary(1: binary value),
  uuid echo_uuid(1: uuid value),
  Color echo_color(1: Color value),
  Point echo_point(1: Point value),
  Defaults echo_defaults(1: Defaults value),
  Outer echo_outer(1: Outer value),
  Node echo_node(1: Node value),
  Shuffled echo_shuffled(1: Shuffled value),
  Shape echo_shape(1: Shape value),
  Strict echo_strict(1: Strict value),
  list<i32> echo_list(1: list<i32> value),
  list<bool> echo_bools(1: list<bool> value),
  list<list<string>> echo_lists(1: list<list<string>> value),
  set<bool> echo_set_bool(1: set<bool> value),
  set<i32> echo_set_i32(1: set<i32> value),
  set<i64> echo_set_i64(1: set<i64> value),
  set<double> echo_set_double(1: set<double> value),
  set<string> echo_set_string(1: set<string> value),
  set<binary> echo_set_binary(1: set<binary> value),
  set<uuid> echo_set_uuid(1: set<uuid> value),
  set<Color> echo_set_color(1: set<Color> value),
  set<list<double>> echo_set_list(1: set<list<double>> value),
  set<set<double>> echo_set_set(1: set<set<double>> value),
  set<map<string, double>> echo_set_map(1: set<map<string, double>> value),
  set<Shuffled> echo_set_shuffled(1: set<Shuffled> value),
  set<Defaults> echo_set_defaults(1: set<Defaults> value),
  list<Defaults> echo_many_defaults(1: list<Defaults> value),
  set<Outer> echo_set_outer(1: set<Outer> value),
  map<bool, i32> echo_map_bool(1: map<bool, i32> value),
  map<i8, i32> echo_map_i8(1: map<i8, i32> value),
  map<i32, i32> echo_map_i32(1: map<i32, i32> value),
  map<i64, i64> echo_map_i64(1: map<i64, i64> value),
  map<double, i32> echo_map_double(1: map<double, i32> value),
  map<string, i32> echo_map_string(1: map<string, i32> value),
  map<binary, i32> echo_map_binary(1: map<binary, i32> value),
  map<uuid, i32> echo_map_uuid(1: map<uuid, i32> value),
  map<Color, i32> echo_map_color(1: map<Color, i32> value),
  map<Shuffled, i32> echo_map_struct(1: map<Shuffled, i32> value),
  map<list<i32>, string> echo_map_list(1: map<list<i32>, string> value),
  map<set<i32>, string> echo_map_set(1: map<set<i32>, string> value),
  map<map<string, i32>, string> echo_map_map(1: map<map<string, i32>, string> value),
  i32 add(1: i32 left, 2: i32 right = 5, 3: i32 extra),
  void nothing(),
  oneway void log(1: string line),
  string guarded(1: string name) throws (1: Broken broken, 2: Missing missing),
  void guarded_void() throws (1: Broken broken),
}
