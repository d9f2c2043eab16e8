struct Item {
  1: optional i32 id
}

service Shop {
  Item swap(1: Item item)
}
