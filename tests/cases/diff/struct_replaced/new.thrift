struct Place {
  1: i32 id
  2: i32 number
}

service Shop {
  Place get()
}
