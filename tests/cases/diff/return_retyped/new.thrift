service Shop {
  string count()
}
