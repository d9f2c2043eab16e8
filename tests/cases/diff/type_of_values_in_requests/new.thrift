struct Item {
  1: map<string, i64> value
}

service Shop {
  void put(1: Item item)
}
