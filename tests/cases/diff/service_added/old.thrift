service Shop {
  i32 count()
}
