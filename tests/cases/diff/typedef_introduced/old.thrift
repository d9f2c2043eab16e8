struct Item {
  1: i64 id
}

service Shop {
  Item swap(1: Item item)
}
