struct Item {
  1: i32 id
  3: string title
}

service Shop {
  Item swap(1: Item item)
}
