struct Item {
  1: i32 value
}

service Shop {
  void put(1: Item item)
}
