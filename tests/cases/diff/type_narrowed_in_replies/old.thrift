struct Item {
  1: i64 value
}

service Shop {
  Item get()
}
