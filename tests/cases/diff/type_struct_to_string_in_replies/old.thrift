struct Part {
  1: string name
}

struct Item {
  1: Part value
}

service Shop {
  Item get()
}
