service Shop {
  i32 count()
}

service Mill {
  i32 count()
}
