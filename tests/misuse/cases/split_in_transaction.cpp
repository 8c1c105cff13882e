// A range of an open transaction belongs to one thread, and is not split among several.
// must say: SharedSource
#include <quire/quire.hpp>

void split(quire::StorageTransaction& txn, const quire::Table<int, double>& table) {
#ifdef QUIRE_FIXED
  static_cast<void>(txn);
  static_cast<void>(table.range().split(2).value());
#else
  static_cast<void>(txn.table(table).range().split(2).value());
#endif
}
