include "stock.thrift"

service Shop extends stock.Counter {
}
