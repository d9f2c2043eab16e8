struct Item {
  2: string name
  1: string maker
}

service Shop {
  Item swap(1: Item item)
}
