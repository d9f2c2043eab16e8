include "include/shelf.thrift"
include "other/shelf.thrift"
struct A { 1: shelf.Shelf first, 2: shelf.Other second }
