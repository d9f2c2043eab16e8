enum Color {
  RED = 1,
  BLUE = 2,
  GREEN = 3,
}

service Shop {
  void paint(1: Color color)
}
