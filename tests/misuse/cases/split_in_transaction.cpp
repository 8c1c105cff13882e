// A transaction of LMDB's belongs to one thread, and its ranges are not split among several.
// needs: lmdb
// must say: SharedSource
#include <quire/api/lmdb.hpp>

#ifdef QUIRE_FIXED
using Transaction = quire::StorageTransaction;
using Table = quire::Table<int, double>;
#else
using Transaction = quire::LmdbStorageTransaction;
using Table = quire::LmdbTable<int, double>;
#endif

void split(Transaction& txn, const Table& table) {
  static_cast<void>(txn.table(table).range().split(2).value());
}
