struct Item {
  1: i32 id
  3: string name
}

service Shop {
  Item swap(1: Item item)
}
