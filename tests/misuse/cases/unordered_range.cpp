// A table whose key format keeps no order is not read by ranges, and has no first entry.
// must say: KeysAreOrdered
// must say: range
// must say: first
#include "hashed_keys.hpp"

void read(const quire::test::HashedTable& table) {
#ifdef QUIRE_FIXED
  table.get(1).value();
#else
  for (const auto& entry : table.range()) static_cast<void>(entry);
  table.first().value();
#endif
}
