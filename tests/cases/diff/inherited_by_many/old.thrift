service Base {
  i32 count()
}

service Shop extends Base {
  
}

service Mill extends Base {
  
}
