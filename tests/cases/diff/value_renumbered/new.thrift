enum Color {
  RED = 1,
  BLUE = 3,
}

service Shop {
  Color mix(1: Color color)
}
