// LMDB takes values whole: only some backends write them in pieces.
// needs: lmdb
// must say: WritesInPieces
#include <quire/api/lmdb.hpp>

#ifdef QUIRE_FIXED
using Store = quire::Storage;
#else
using Store = quire::LmdbStorage;
#endif

void begin(Store& storage) {
  const auto texts = storage.new_table<int, std::string>("texts").build().value();
  auto txn = storage.begin_write().value();
  static_cast<void>(txn.table(texts).put_in_pieces(1, 100).value());
}
