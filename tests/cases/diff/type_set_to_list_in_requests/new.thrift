struct Item {
  1: list<i32> value
}

service Shop {
  void put(1: Item item)
}
