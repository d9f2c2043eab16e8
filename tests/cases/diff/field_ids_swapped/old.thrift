struct Item {
  1: string name
  2: string maker
}

service Shop {
  Item swap(1: Item item)
}
