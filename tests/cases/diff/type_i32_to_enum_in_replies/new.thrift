enum Color {
  RED = 1,
  BLUE = 2
}

struct Item {
  1: Color value
}

service Shop {
  Item get()
}
