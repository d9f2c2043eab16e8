union Item {
  1: i32 id
  2: string name
  3: bool none
}

service Shop {
  void put(1: Item item)
}
