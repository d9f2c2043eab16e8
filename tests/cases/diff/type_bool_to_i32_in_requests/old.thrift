struct Item {
  1: bool value
}

service Shop {
  void put(1: Item item)
}
