struct Item {
  1: i32 id = 1
}

service Shop {
  Item swap(1: Item item)
}
