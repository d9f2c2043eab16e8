struct Item {
  1: map<string, bool> value
}

service Shop {
  void put(1: Item item)
}
