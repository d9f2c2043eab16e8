service Shop {
  list<string> find(2: i32 limit, 1: string text)
}
