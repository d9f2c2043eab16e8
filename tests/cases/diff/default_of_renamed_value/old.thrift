enum Color {
  RED = 1
}

struct Item {
  1: Color color = Color.RED
}

service Shop {
  void put(1: Item item)
}
