struct Item {
  1: i32 id
}

service Shop {
  void put(1: Item item)
}
