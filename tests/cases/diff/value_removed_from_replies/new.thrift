enum Color {
  RED = 1,
}

service Shop {
  Color pick()
}
