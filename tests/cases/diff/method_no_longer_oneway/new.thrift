service Shop {
  void log(1: string text)
  i32 count()
}
