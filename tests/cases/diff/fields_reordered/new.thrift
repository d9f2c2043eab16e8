struct Item {
  2: string name
  1: i32 id
}

service Shop {
  Item swap(1: Item item)
}
