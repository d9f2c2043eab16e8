enum Color {
  BLUE = 2,
  RED = 1,
}

service Shop {
  Color mix(1: Color color)
}
