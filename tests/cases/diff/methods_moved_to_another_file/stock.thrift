service Counter {
  i32 count()
}
