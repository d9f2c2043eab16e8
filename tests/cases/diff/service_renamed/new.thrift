service Store {
  i32 count()
}
