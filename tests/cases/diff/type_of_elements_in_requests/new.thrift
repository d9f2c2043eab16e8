struct Item {
  1: list<string> value
}

service Shop {
  void put(1: Item item)
}
