include "second.thrift"
struct First {}
