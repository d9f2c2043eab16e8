service Shop {
  i32 count()
  string name(1: i32 id)
}
