struct Item {
  1: i32 id = 2
}

service Shop {
  Item swap(1: Item item)
}
