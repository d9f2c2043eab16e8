service Shop {
  list<string> find(1: string text, 2: i32 limit)
}
