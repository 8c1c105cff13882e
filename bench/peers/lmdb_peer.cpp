#include "peers/lmdb_peer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

namespace bench::peers {

namespace {

constexpr std::uint64_t spare_map_size = std::uint64_t{4} << 30;
constexpr std::uint64_t entry_overhead = 512;  ///< bytes: keys, half empty pages, copies on write

std::string path_in(const Opening& opening) { return opening.directory + "/entries.lmdb"; }

std::uint64_t map_size_for(const Opening& opening) {
  return spare_map_size + 8 * opening.entries * (opening.value_size + entry_overhead);
}

/// LMDB leaves that to the caller of mdb_env_copy2.
void sync_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || ::fsync(descriptor) != 0) fail_in("LMDB", "fsync", path);
  ::close(descriptor);
}

}  // namespace

LmdbEnvironment::LmdbEnvironment(Opening opening, LmdbMap map)
    : opening_(std::move(opening)), map_(map) {
  open();
}

void LmdbEnvironment::open() {
  MDB_env* environment = nullptr;
  check_lmdb(::mdb_env_create(&environment), "mdb_env_create");
  environment_.reset(environment);
  check_lmdb(::mdb_env_set_mapsize(environment, map_size_for(opening_)), "mdb_env_set_mapsize");
  const unsigned unsynced = opening_.sync == Sync::off ? MDB_NOSYNC : 0;
  const unsigned flags = MDB_NOSUBDIR | static_cast<unsigned>(map_) | unsynced;
  check_lmdb(::mdb_env_open(environment, path_in(opening_).c_str(), flags, 0644), "mdb_env_open");
  MDB_txn* txn = begin(0);
  check_lmdb(::mdb_dbi_open(txn, nullptr, 0, &table_), "mdb_dbi_open");
  check_lmdb(::mdb_txn_commit(txn), "mdb_txn_commit");
}

MDB_txn* LmdbEnvironment::begin(unsigned flags) const {
  MDB_txn* txn = nullptr;
  check_lmdb(::mdb_txn_begin(environment_.get(), nullptr, flags, &txn), "mdb_txn_begin");
  return txn;
}

void LmdbEnvironment::settle() {
  check_lmdb(::mdb_env_sync(environment_.get(), 1), "mdb_env_sync");
}

void LmdbEnvironment::compact() {
  const std::string path = path_in(opening_);
  const std::string copy = path + "-copy";
  check_lmdb(::mdb_env_copy2(environment_.get(), copy.c_str(), MDB_CP_COMPACT), "mdb_env_copy2");
  sync_file(copy);
  environment_.reset();
  std::filesystem::rename(copy, path);
  open();
}

std::string lmdb_version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  ::mdb_version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace bench::peers
