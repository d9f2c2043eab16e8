exception Closed {
  1: string reason
}

service Shop {
  i32 count() throws (1: Closed closed (http.status = "409"))
}
