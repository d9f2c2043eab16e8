struct Item {
  1: binary value
}

service Shop {
  void put(1: Item item)
}
