struct Root { 1: i64 id }
service Base { void ping(), oneway void forget(1: Root root) }
