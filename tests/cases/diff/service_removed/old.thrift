service Shop {
  i32 count()
}

service Mill {
  bool run()
}
