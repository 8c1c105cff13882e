// The LMDB backend: the typed tables over a file of LMDB's.
//
//   #include <quire/api/lmdb.hpp>
//
//   auto builder = quire::StorageBuilder("cities.mdb").with_backend(quire::backend::lmdb);
//   auto storage = builder.build().value();
//   auto cities = storage.new_table<std::string, City>("cities").build().value();
//
// It is the real LMDB, which has to be there, and is linked by who includes this: quire_lmdb_dep of
// meson, quire-lmdb of pkg-config. A quire::LmdbStorage is used as a quire::Storage is. It differs
// where LMDB does:
// - Keys have 507 bytes at most: key_too_long.
// - rank, count, nth, skip and split walk over the entries that the engine counts. size() does not.
// - A value that LMDB put where its type cannot be read is copied for the guard that shows it.
// - A storage opened with Durability::buffered is synced by nobody but sync(), and a power cut may
//   damage the file before: LMDB then writes in no order.
// - A file grows up to with_map_reserve(), 1 TiB of address space by default, and then gives full.
// - There is no check(), no statistics(), no readers(), no waiting for a turn with a limit, no
//   savepoint or nested transaction, no migration of tables (Recreate works), and no split of what
//   is not committed yet.
// - What StorageBuilder offers and LMDB has not, build() refuses with invalid_argument.
// - After a fork, a child may not use what its parent opened.
#pragma once

#include "quire/api/backend.hpp"
#include "quire/api/lmdb/database.hpp"
#include "quire/api/lmdb/keeper.hpp"
#include "quire/api/lmdb/snapshot.hpp"
#include "quire/api/lmdb/write_transaction.hpp"
#include "quire/api/storage.hpp"
#include "quire/api/storage_builder.hpp"
#include "quire/api/table_opening.hpp"

namespace quire {

namespace backend {

/// A file of LMDB's, with its lock file `<path>-lock` beside it.
struct Lmdb {
  using Place = Lmdb;
  using Database = LmdbDatabase;
  using Snapshot = LmdbSnapshot;
  using WriteTransaction = LmdbWriteTransaction;
  using Receipt = LmdbReceipt;
  using Keeper = LmdbKeeper;
  using Found = Kept<LmdbKeeper>;
  using StateSource = LmdbStateSource;

  static Result<Database> open(const StorageChoices& choices) { return Database::open(choices); }
  static void choose(StorageChoices& /*choices*/) {}
};
static_assert(quire::Backend<Lmdb>);

inline constexpr Lmdb lmdb{};

}  // namespace backend

using LmdbStorage = BasicStorage<backend::Lmdb>;
using LmdbStorageSnapshot = BasicStorageSnapshot<backend::Lmdb>;
using LmdbStorageTransaction = BasicStorageTransaction<backend::Lmdb>;
template <class K, class V, class KeyCodec = DefaultKeyFormat<K>,
          class ValueCodec = DefaultValueFormat<V>>
using LmdbTable = Table<K, V, KeyCodec, ValueCodec, backend::Lmdb>;

extern template Result<TableId> open_table(const TableRequest<backend::Lmdb>& request);

}  // namespace quire
