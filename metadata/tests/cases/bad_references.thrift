include "include/common.thrift"
include "include/comon.thrift"

struct User { 1: Strng a, 2: comon.Shared b, 3: common.Shred c, 4: Shared d, 5: base.Root e, 6: usr f, 7: Server g }
service Server extends Serve {}
service Bad extends User { void a(1: Unknown b) throws (1: Nothing c) }
const i32 A = LIMTI
const i32 LIMIT = 1
const Color B = Color.GREAN
enum Color { RED, GREEN }
const Color C = 5
