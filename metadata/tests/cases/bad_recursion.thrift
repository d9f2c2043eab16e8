struct A { 1: required B b }
struct B { 1: required C c }
struct C { 1: required A a }
struct Leads { 1: required A a }
struct Self { 1: required Self self }
union U { 1: U u }
union V { 1: V v, 2: i32 end }
struct Fine { 1: Fine a, 2: optional Fine b, 3: required list<Fine> c, 4: required V v }
typedef X Y
typedef list<Z> X
typedef Y Z
