exception Closed {
  1: string reason
}

service Shop {
  i32 count()
}
