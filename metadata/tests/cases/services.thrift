include "include/common.thrift"

exception Mine { 1: string message, 2: i32 code } (http.status = "409")
typedef Mine Alias

service Own extends common.Common {
  async void fire(1: i32 a)
  i32 sum(optional i32 a = 3, required i32 b) throws (1: Mine mine, 2: common.Trouble trouble, Alias other) (http.path = "/sum"),
  common.Shared copy(1: common.Shared shared);
  list<common.Shade> shades()
} (owner = "us")

service Empty {}
