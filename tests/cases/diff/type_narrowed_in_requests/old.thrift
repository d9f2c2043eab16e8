struct Item {
  1: i64 value
}

service Shop {
  void put(1: Item item)
}
