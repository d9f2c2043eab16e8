struct Item {
  1: i32 id
  2: string name
  3: required i32 stock
}

service Shop {
  void put(1: Item item)
}
