// A transaction is committed once: commit() consumes it.
// must say: a commit consumes its transaction: std::move\(txn\)\.commit\(\)
#include <quire/quire.hpp>

void commit(quire::StorageTransaction txn) {
#ifdef QUIRE_FIXED
  std::move(txn).commit().value();
#else
  txn.commit().value();
  txn.commit().value();
#endif
}
