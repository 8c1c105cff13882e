#include "lmdb_store.hpp"

#include <stdexcept>

namespace bench {

namespace {

constexpr std::uint64_t map_size_for(std::uint64_t entries) {
  return (std::uint64_t{4} << 30) + entries * 2048;
}

MDB_txn* begin(const LmdbStore& store, LmdbAccess access) {
  MDB_txn* txn = nullptr;
  check_lmdb(::mdb_txn_begin(store.environment(), nullptr, static_cast<unsigned>(access), &txn),
             "mdb_txn_begin");
  return txn;
}

}  // namespace

void check_lmdb(int code, const char* action) {
  if (code == MDB_SUCCESS) [[likely]]
    return;
  throw std::runtime_error(std::string("LMDB: ") + action + ": " + ::mdb_strerror(code));
}

LmdbStore::LmdbStore(const std::string& path, LmdbSync sync, std::uint64_t entries,
                     LmdbThreads threads) {
  MDB_env* environment = nullptr;
  check_lmdb(::mdb_env_create(&environment), "mdb_env_create");
  environment_.reset(environment);
  check_lmdb(::mdb_env_set_mapsize(environment, map_size_for(entries)), "mdb_env_set_mapsize");
  const unsigned flags =
      MDB_NOSUBDIR | static_cast<unsigned>(sync) | static_cast<unsigned>(threads);
  check_lmdb(::mdb_env_open(environment, path.c_str(), flags, 0644), "mdb_env_open");
  MDB_txn* txn = begin(*this, LmdbAccess::read_write);
  check_lmdb(::mdb_dbi_open(txn, nullptr, 0, &table_), "mdb_dbi_open");
  check_lmdb(::mdb_txn_commit(txn), "mdb_txn_commit");
}

LmdbTransaction::LmdbTransaction(const LmdbStore& store, LmdbAccess access)
    : txn_(begin(store, access)), table_(store.table()) {}

}  // namespace bench
