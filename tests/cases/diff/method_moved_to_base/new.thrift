service Base {
  i32 count()
}

service Shop extends Base {
  string name(1: i32 id)
}
