struct A { 1 i32 a }
strukt B {}
struct C { 1: slist a }
senum D { "a", "b" }
enum E { A = 4294967296 }
struct F { 1: i32 f = }
const i32 G = 99999999999999999999
const string H = "a\x"
const string I = "not closed
struct J { 40000: i32 a }
struct K { 1: void k }
struct Lä {}
@Annotated struct M {}
package "example"
service N { stream<i32> n() }
interaction O {}
struct p.q {}
struct R { 1: required optional i32 r }
service S { void s( }
struct T { 1: i32 t
