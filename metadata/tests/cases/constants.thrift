include "include/common.thrift"
include "shelf.thrift"

enum Mode { OFF, ON }
struct Inner { 1: i32 number = 4, 2: list<i32> numbers }
struct Outer { 1: Inner inner = {"number": 7, "numbers": [1, 2]}, 2: Mode mode = Mode.ON }

const bool YES = true
const bool NO = 0
const i8 SMALL = -128
const i64 LARGE = 9223372036854775807
const i64 LEAST = -9223372036854775808
const double WHOLE = 3
const double THIRD = 0.333333333333
const string TEXT = "a/b'\"\\ é"
const binary BYTES = "raw"
const Mode MODE = Mode.ON
const i32 NUMBER = Mode.ON
const i32 OWN_LIMIT = common.LIMIT
const i32 SHELF = shelf.Shelf.LOW
const shelf.Shelf OTHER = shelf.Shelf.HIGH
const common.Shade SHADE = common.Shade.DARK
const list<i32> MANY = [NUMBER, OWN_LIMIT, common.LIMIT, 4]
const map<string, Inner> NAMED = {"a": {"number": OWN_LIMIT}, "b": {}}
const map<i64, list<bool>> TABLE = {1: [true, false], -1: []}
const Outer OUTER = {"inner": {"numbers": [9]}, "mode": 0}
