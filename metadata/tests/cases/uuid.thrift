const uuid ID = "01234567-89ab-cdef-0123-456789ABCDEF"
struct A { 1: uuid id = "{01234567-89ab-cdef-0123-456789abcdef}", 2: map<uuid, i32> byId }
