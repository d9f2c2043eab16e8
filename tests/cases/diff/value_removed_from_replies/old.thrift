enum Color {
  RED = 1,
  BLUE = 2,
}

service Shop {
  Color pick()
}
