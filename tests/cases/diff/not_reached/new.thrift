struct Unused {
  1: string id
}

service Shop {
  i32 count()
}

const i32 LIMIT = 2
