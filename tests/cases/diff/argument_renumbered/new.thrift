service Shop {
  list<string> find(2: string text)
}
