service Shop {
  bool save(1: i32 id)
}
