#include "files.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace bench {

void load(LmdbStore& store, const Keys& keys, unsigned flags) {
  ValueMaker value;
  in_batches(keys, [&](std::span<const std::uint64_t> batch) {
    LmdbTransaction txn(store, LmdbAccess::read_write);
    for (const std::uint64_t key : batch) txn.put(key, value(key, 0), flags);
    txn.commit();
  });
}

void load_typed(QuireStore& store, const Keys& keys) {
  ValueMaker value;
  in_batches(keys, [&](std::span<const std::uint64_t> batch) {
    auto txn = store.storage().begin_write().value();
    auto table = txn.table(store.table());
    for (const std::uint64_t key : batch) table.put(key, value(key, 0)).value();
    std::move(txn).commit(quire::Durability::buffered).value();
  });
}

void load_engine(QuireStore& store, const Keys& keys) {
  ValueMaker value;
  in_batches(keys, [&](std::span<const std::uint64_t> batch) {
    auto txn = store.database().begin_write().value();
    for (const std::uint64_t key : batch) store.put(txn, key, value(key, 0));
    std::move(txn).commit(quire::Durability::buffered).value();
  });
}

std::uint64_t scan(const LmdbStore& store) {
  const LmdbTransaction txn(store, LmdbAccess::read_only);
  LmdbCursor cursor(txn);
  std::uint64_t sum = 0;
  for (auto entry = cursor.first(); entry; entry = cursor.next()) {
    sum += SortableKey::read(entry->key) ^ front_of(entry->value);
  }
  return sum;
}

std::uint64_t scan_typed(QuireStore& store) {
  std::uint64_t sum = 0;
  for (const auto& [key, value] : store.table().range()) sum += key ^ front_of(value->data());
  return sum;
}

std::uint64_t scan_engine(const QuireStore& store) {
  const quire::Snapshot snapshot = store.database().snapshot().value();
  quire::Cursor cursor = snapshot.cursor(store.root_in(snapshot));
  std::uint64_t sum = 0;
  for (bool found = cursor.seek_first().value(); found; found = cursor.next().value()) {
    sum += SortableKey::read(cursor.key().data()) ^ front_of(cursor.value().value().data());
  }
  return sum;
}

FilledFiles::FilledFiles(const Setting& setting, std::string name, LmdbSync sync,
                         const quire::Options& options)
    : setting_(setting),
      lmdb_path_(setting.directory + "/" + name + ".lmdb"),
      quire_path_(setting.directory + "/" + name + ".quire"),
      sync_(sync),
      options_(options) {}

FilledFiles::~FilledFiles() {
  lmdb_.reset();
  quire_.reset();
  remove_files(lmdb_path_);
  remove_files(quire_path_);
}

void FilledFiles::fill() {
  if (lmdb_) return;
  const Data& data = setting_.data;
  const bool is_sequential = setting_.layout == Layout::sequential;
  const Keys& keys = is_sequential ? data.sorted() : data.random();
  // Filled without sync, whatever the measured commits do; a sync afterwards, so that the system
  // does not write out the load while something else is measured.
  {
    LmdbStore filling(lmdb_path_, LmdbSync::off, keys.size());
    load(filling, keys, is_sequential ? MDB_APPEND : 0);
    check_lmdb(::mdb_env_sync(filling.environment(), 1), "mdb_env_sync");
  }
  lmdb_ = std::make_unique<LmdbStore>(lmdb_path_, sync_, keys.size());
  quire_ = std::make_unique<QuireStore>(quire_path_, options_);
  load_typed(*quire_, keys);
  quire_->storage().sync().value();
}

void remove_files(const std::string& path) noexcept {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  std::filesystem::remove(path + "-lock", ignored);
}

}  // namespace bench
