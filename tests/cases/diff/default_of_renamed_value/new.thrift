enum Color {
  CRIMSON = 1
}

struct Item {
  1: Color color = Color.CRIMSON
}

service Shop {
  void put(1: Item item)
}
