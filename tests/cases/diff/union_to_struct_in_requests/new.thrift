struct Item {
  1: optional i32 id
  2: optional string name
}

service Shop {
  void put(1: Item item)
}
