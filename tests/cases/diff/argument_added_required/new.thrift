service Shop {
  list<string> find(1: string text, 2: required i32 limit)
}
