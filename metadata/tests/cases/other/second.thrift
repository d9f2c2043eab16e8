include "../bad_cycle.thrift"
include "first.thrift"
struct Second {}
