exception Closed {
  1: string reason
}

service Shop {
  void open() throws (1: Closed closed)
}
