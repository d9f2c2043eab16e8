service Shop {
  void save(1: i32 id)
}
