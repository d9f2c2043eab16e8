struct Point { 1: i32 x }
const map<list<i32>, string> LISTS = {[1, 2]: "a"}
const map<Point, string> POINTS = {{"x": 1}: "a", {"x": 2}: "b"}
