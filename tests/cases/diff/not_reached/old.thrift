struct Unused {
  1: i32 id
}

service Shop {
  i32 count()
}

const i32 LIMIT = 1
