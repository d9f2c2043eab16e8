struct Item {
  1: map<i32, bool> value
}

service Shop {
  void put(1: Item item)
}
