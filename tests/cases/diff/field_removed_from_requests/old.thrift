struct Item {
  1: i32 id
  2: string name
}

service Shop {
  void put(1: Item item)
}
