struct A {
  /** one
   * two */
  1: i32 a
}
