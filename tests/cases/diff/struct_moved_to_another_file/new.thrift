include "stock.thrift"

service Shop {
  stock.Item swap(1: stock.Item item)
}
