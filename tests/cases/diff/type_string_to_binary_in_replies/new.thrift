struct Item {
  1: binary value
}

service Shop {
  Item get()
}
