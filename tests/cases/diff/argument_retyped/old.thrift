service Shop {
  bool take(1: string id)
}
