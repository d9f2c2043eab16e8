typedef i64 ItemId

struct Item {
  1: ItemId id
}

service Shop {
  Item swap(1: Item item)
}
