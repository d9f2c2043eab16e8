service Base {
  i32 count()
}

service Shop {
  string name(1: i32 id)
}
