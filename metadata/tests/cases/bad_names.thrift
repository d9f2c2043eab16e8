struct A {}
enum A {}
service A {}
const i32 A = 1
const i32 A = 2
enum E { X, Y, X }
struct F { 1: i32 a, 1: i32 b, 2: i32 a, 3: i32 c }
service S { void a(), i32 a(), void b(1: i32 x, 1: i32 y) throws (1: Ex success) , i32 c() throws (1: Ex success) }
service T extends S { void b() }
exception Ex {}
