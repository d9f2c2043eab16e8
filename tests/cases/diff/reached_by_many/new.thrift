struct Part {
  1: string weight
  2: optional list<Part> parts
}

struct Item {
  1: list<Part> parts
}

service Shop {
  void put(1: Item item)
  map<string, Item> all()
  Part part(1: i32 id)
}
