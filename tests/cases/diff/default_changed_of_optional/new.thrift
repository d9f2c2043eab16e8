struct Item {
  1: optional i32 id = 2
}

service Shop {
  Item swap(1: Item item)
}
