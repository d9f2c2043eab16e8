/** of the struct, and by the compiler's rules of the file as well */
struct A {
  /** of the field */
  1: i32 a
}
