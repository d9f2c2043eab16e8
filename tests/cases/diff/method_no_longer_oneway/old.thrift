service Shop {
  oneway void log(1: string text)
  i32 count()
}
