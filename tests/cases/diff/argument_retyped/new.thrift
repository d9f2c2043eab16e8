service Shop {
  bool take(1: i32 id)
}
