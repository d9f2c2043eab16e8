struct Part {
  1: string name
}

struct Item {
  1: string value
}

service Shop {
  Item get()
}
