struct Item {
  1: optional i32 id
}

service Shop {
  Item get()
}
