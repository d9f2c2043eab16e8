service Shop {
  i32 count()
}

service Mill {
  void run()
}
