// The order of structs that are keys of maps or elements of sets: the generated code declares the operators, and
// leaves them to the program.

#include <tuple>

#include "keys_types.h"

namespace keys {

bool Cell::operator<(const Cell& other) const {
  return std::tie(row, column, __isset.name, name) <
         std::tie(other.row, other.column, other.__isset.name, other.name);
}

bool Key::operator<(const Key& other) const {
  return std::tie(__isset.number, number, text) < std::tie(other.__isset.number, other.number, other.text);
}

}  // namespace keys
