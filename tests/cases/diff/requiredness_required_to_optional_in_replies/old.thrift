struct Item {
  1: required i32 id
}

service Shop {
  Item get()
}
