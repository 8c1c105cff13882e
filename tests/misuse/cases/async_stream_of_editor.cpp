// A stream reads on workers, and an open transaction belongs to the thread that began it.
// must say: SharedRange
#include <quire/api/async.hpp>
#include <quire/quire.hpp>

void stream(quire::StorageTransaction& txn, const quire::Table<int, double>& table) {
#ifdef QUIRE_FIXED
  static_cast<void>(txn);
  const auto entries = quire::async_stream(table);
#else
  const auto entries = quire::async_stream(txn.table(table));
#endif
}
