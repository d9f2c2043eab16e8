include "other/first.thrift"
struct A {}
