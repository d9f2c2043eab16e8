struct Item {
  1: list<i32> value
}

service Shop {
  Item get()
}
