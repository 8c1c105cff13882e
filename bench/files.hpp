// Files filled with the data, one of each engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "lmdb_store.hpp"
#include "quire_store.hpp"
#include "rows.hpp"

namespace bench {

inline constexpr std::size_t load_batch = 10'000;  ///< entries per transaction of a load

/// Calls change with each of the stretches of keys that make a transaction.
void in_batches(std::span<const std::uint64_t> keys, auto&& change) {
  for (; !keys.empty(); keys = keys.subspan(std::min(load_batch, keys.size())))
    change(keys.first(std::min(load_batch, keys.size())));
}

/// Entries stored by one load, in transactions of load_batch, without sync.
/// Keys in order are appended with LMDB's flag for that, which spares it every search.
void load(LmdbStore& store, const Keys& keys, unsigned flags);
void load_typed(QuireStore& store, const Keys& keys);
void load_engine(QuireStore& store, const Keys& keys);

/// The sum over all values, and the keys with them, that a scan finds.
std::uint64_t scan(const LmdbStore& store);
std::uint64_t scan_typed(QuireStore& store);
std::uint64_t scan_engine(const QuireStore& store);

/// Both engines' files, filled alike; made at the first use, removed at the end.
class FilledFiles {
 public:
  /// name tells the files of one use from those of another. The options are quire's.
  FilledFiles(const Setting& setting, std::string name, LmdbSync sync,
              const quire::Options& options = {});
  FilledFiles(const FilledFiles&) = delete;
  FilledFiles& operator=(const FilledFiles&) = delete;
  ~FilledFiles();

  LmdbStore& lmdb() {
    fill();
    return *lmdb_;
  }
  QuireStore& quire() {
    fill();
    return *quire_;
  }
  [[nodiscard]] const Data& data() const noexcept { return setting_.data; }

 private:
  void fill();

  Setting setting_;
  std::string lmdb_path_;
  std::string quire_path_;
  LmdbSync sync_;
  quire::Options options_;
  std::unique_ptr<LmdbStore> lmdb_;
  std::unique_ptr<QuireStore> quire_;
};

/// Removes a file of either engine with whatever that engine puts beside it.
void remove_files(const std::string& path) noexcept;

}  // namespace bench
