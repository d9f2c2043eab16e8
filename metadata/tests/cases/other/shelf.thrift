enum Shelf { OTHER } struct Other {}
