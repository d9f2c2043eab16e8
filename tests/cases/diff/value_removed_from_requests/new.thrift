enum Color {
  RED = 1,
}

service Shop {
  void paint(1: Color color)
}
