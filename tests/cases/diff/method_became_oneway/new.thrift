service Shop {
  oneway void log(1: string text)
}
