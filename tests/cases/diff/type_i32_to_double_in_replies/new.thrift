struct Item {
  1: double value
}

service Shop {
  Item get()
}
