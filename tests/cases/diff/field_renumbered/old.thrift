struct Item {
  1: i32 id
  2: string name
}

service Shop {
  Item swap(1: Item item)
}
