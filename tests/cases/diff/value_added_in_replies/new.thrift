enum Color {
  RED = 1,
  BLUE = 2,
  GREEN = 3,
}

service Shop {
  Color pick()
}
