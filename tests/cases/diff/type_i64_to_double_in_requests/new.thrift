struct Item {
  1: double value
}

service Shop {
  void put(1: Item item)
}
