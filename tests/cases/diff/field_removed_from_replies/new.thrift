struct Item {
  1: i32 id
}

service Shop {
  Item get()
}
