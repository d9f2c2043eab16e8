struct Item {
  1: list<string> value
}

service Shop {
  Item get()
}
