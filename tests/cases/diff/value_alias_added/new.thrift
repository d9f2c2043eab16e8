enum Color {
  BLUE = 2,
  NAVY = 2,
}

service Shop {
  Color mix(1: Color color)
}
