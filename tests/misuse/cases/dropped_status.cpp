// What an edit says of its success is not dropped.
// must say: nodiscard
#include <quire/quire.hpp>

void store(quire::Table<int, double>& table) {
#ifdef QUIRE_FIXED
  table.put(1, 0.5).value();
#else
  table.put(1, 0.5);
#endif
}
