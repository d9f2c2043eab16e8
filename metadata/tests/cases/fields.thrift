enum Color { RED = 1, GREEN, BLUE = 0x10; ALSO_RED = 1 }
typedef i32 Number (unit = "piece")
typedef Number Count
typedef list<Color> Palette
typedef map<string, list<Palette>> Palettes (kept)

struct Numbered {
  1: required bool truth
  2: optional byte small = 0x7F;
  3: i16 little = -0x10,
  i32 implicit
  -1000: i32 negative; 0: i32 zero
  Count counted = +5
}

union Choice { 1: i32 number; 2: string text = "x"; 3: Tree tree }

struct Tree {
  1: required string label
  2: list<Tree> children = []
  3: Tree & left
  4: optional Tree right
  5: map<i32, Tree> byNumber
}

struct Containers {
  1: list<map<i8, set<string>>> nested
  2: map<Color, Palette> palettes = {Color.RED: [Color.RED, Color.BLUE], 2: [16]}
  3: set<double> numbers = [1, 2.5, -1e-3 3.25e+2;]
  4: Palettes named
  5: list<i32> cpp_type "std::deque<int>" deque
  6: map<bool, binary> bytes = {true: "yes\n\t", false: 'no"'}
  7: list<Palettes> more
}

struct Annotated {
  1: i32 one (a = "1", b, a = "2"; c = 'quoted "so"')
  2: list<i32> (of.type = "x", b = "type") two (b = "field")
  3: Palettes three
} (struct.note = "s", flag)

struct Legacy xsd_all {
  1: i32 a xsd_optional xsd_nillable xsd_attrs { 1: i32 inner } (kept)
}
