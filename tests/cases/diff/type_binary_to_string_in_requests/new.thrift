struct Item {
  1: string value
}

service Shop {
  void put(1: Item item)
}
