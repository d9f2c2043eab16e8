struct Item {
  1: i32 id
  2: string name
  3: optional i32 stock
}

service Shop {
  Item swap(1: Item item)
}
