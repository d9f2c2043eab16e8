enum Shelf { LOW = -1, HIGH }
