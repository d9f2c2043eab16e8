exception Closed {
  1: string reason
}

service Shop {
  void open()
}
