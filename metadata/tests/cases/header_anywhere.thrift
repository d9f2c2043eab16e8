php_namespace Example
struct A { 1: B (note = "on a named type") b }
namespace py late
struct B {}
