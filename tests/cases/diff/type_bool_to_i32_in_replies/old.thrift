struct Item {
  1: bool value
}

service Shop {
  Item get()
}
