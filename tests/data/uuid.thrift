/** The uuid type, which compilers before 0.20 do not know. */

namespace py tracking.uuid

struct Parcel {
  1: required uuid id,
  2: optional uuid parent,
  3: list<uuid> contents,
  4: map<uuid, string> labels,
}

service UuidTracking {
  uuid echoUuid(1: uuid value),

  list<uuid> echoUuids(1: list<uuid> value),

  map<uuid, string> echoUuidMap(1: map<uuid, string> value),

  Parcel echoParcel(1: Parcel value),
}
