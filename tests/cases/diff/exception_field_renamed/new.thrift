exception Closed {
  1: string why
}

service Shop {
  i32 count() throws (1: Closed closed)
}
