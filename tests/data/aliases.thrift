/** An enum whose members share values, which Go and Java do not compile. */

include "everything.thrift"
include "keys.thrift"

namespace cpp aliases
namespace py aliases

enum Level {
  LOW = 1,
  MINOR = 1,
  HIGH = 2,
  MAJOR = 2,
  NONE = -1,
}

service Aliases extends keys.Keys {
  Level echoLevel(1: Level value),
  list<Level> echoLevelList(1: list<Level> value),
  map<Level, everything.Color> echoLevelMap(1: map<Level, everything.Color> value),
}
