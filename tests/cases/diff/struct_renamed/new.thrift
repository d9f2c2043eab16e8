struct Ware {
  1: i32 id
  2: string name
}

service Shop {
  Ware swap(1: Ware item)
}
