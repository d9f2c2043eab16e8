struct Item {
  1: optional i32 id
}

service Shop {
  void put(1: Item item)
}
