/**
 * Structs and containers where not every language can have them: as keys of maps and elements of sets. Go has no
 * map with lists for keys, and JavaScript none with objects.
 */

include "everything.thrift"

namespace cpp keys
namespace java org.example.keys
namespace py keys

/** The annotation makes it hashable in Python. */
struct Cell {
  1: required i32 row,
  2: required i32 column,
  3: optional string name,
} (python.immutable = "")

union Key {
  1: i32 number,
  2: string text,
} (python.immutable = "")

service Keys extends everything.Everything {
  map<Cell, string> echoStructMap(1: map<Cell, string> value),
  map<Key, i32> echoUnionMap(1: map<Key, i32> value),
  map<list<i32> (python.immutable = ""), string> echoListMap(
    1: map<list<i32> (python.immutable = ""), string> value,
  ),
  map<set<string> (python.immutable = ""), list<Cell>> echoSetMap(
    1: map<set<string> (python.immutable = ""), list<Cell>> value,
  ),
  map<map<string, i32> (python.immutable = ""), i64> echoMapMap(
    1: map<map<string, i32> (python.immutable = ""), i64> value,
  ),
  set<Cell> echoStructSet(1: set<Cell> value),
  set<list<i64> (python.immutable = "")> echoListSet(1: set<list<i64> (python.immutable = "")> value),
}
