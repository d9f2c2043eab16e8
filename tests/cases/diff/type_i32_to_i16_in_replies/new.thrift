struct Item {
  1: i16 value
}

service Shop {
  Item get()
}
