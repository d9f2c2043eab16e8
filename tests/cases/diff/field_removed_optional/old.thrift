struct Item {
  1: i32 id
  2: optional string name
}

service Shop {
  Item get()
}
