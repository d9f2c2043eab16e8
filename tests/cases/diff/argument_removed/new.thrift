service Shop {
  list<string> find(1: string text)
}
