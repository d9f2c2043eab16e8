enum Color {
  RED = 1,
  NAVY = 2,
}

service Shop {
  Color mix(1: Color color)
}
