enum Color {
  RED = 1,
  BLUE = 2,
}

service Shop {
  Color mix(1: Color color)
}
