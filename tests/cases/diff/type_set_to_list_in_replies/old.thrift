struct Item {
  1: set<i32> value
}

service Shop {
  Item get()
}
