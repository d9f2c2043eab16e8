struct First { 1: Second second = {"number": LATER}, 2: Mode mode = LATEST, 3: Mode bare = ON }
const i32 LATER = 3
const Mode LATEST = ON
struct Second { 1: i32 number }
enum Mode { OFF, ON }
service Derived extends Base {}
service Base { void ping() }
typedef Last Middle
typedef list<Deep> Last
typedef First Deep
