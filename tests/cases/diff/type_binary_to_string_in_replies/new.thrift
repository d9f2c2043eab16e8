struct Item {
  1: string value
}

service Shop {
  Item get()
}
