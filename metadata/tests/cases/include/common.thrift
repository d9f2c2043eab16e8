include "deep/base.thrift"
const i32 LIMIT = 64
enum Shade { LIGHT = 3, DARK }
struct Shared { 1: base.Root root }
service Common extends base.Base { Shared shared() }
exception Trouble { 1: string message }
