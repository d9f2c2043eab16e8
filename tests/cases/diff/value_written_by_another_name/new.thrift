enum Color {
  NAVY = 2,
  BLUE = 2,
}

service Shop {
  Color mix(1: Color color)
}
