struct Item {
  1: i32 id
  2: required string name
}

service Shop {
  Item get()
}
