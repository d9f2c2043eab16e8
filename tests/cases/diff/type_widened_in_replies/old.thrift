struct Item {
  1: i32 value
}

service Shop {
  Item get()
}
