service Base {
  string count()
}

service Shop extends Base {
  
}

service Mill extends Base {
  
}
