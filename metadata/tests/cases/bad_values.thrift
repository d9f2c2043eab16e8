enum Color { RED = 1 }
struct Inner { 1: i32 number, 2: Color color }
union Either { 1: i32 a = 1, 2: i32 b = 2 }
struct Defaults {
  1: i8 a = 128
  2: i32 b = "1"
  3: string c = 1
  4: bool d = 2
  5: double e = "x"
  6: Color f = 2
  7: list<i32> g = [1, "a"]
  8: set<i32> h = [1, 2, 1]
  9: map<i32, string> i = {1: "a", 1: "b"}
  10: Inner j = {"nummer": 1}
  11: Inner k = {"color": Color.RED, "number": 1.5}
  12: i16 l = BIG
  13: double m = 1e400
  14: list<i32> n = {}
  15: Either o = {}
  16: Inner p = {1: 2}
  17: set<double> q = [0.0, -0.0]
  18: uuid r = "not a uuid"
  19: Inner s = {"number": 1, "number": 2}
}
const i32 BIG = 70000
const i32 LOOP = POOL
const i32 POOL = LOOP
union Required { 1: required i32 a }
