// RecordingStore: a database whose commits are recorded in its redo log.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "unit/engine/txn/resident_store.hpp"

namespace quire::test {

inline constexpr std::uint32_t page_size = layout::default_page_size;
inline constexpr std::uint64_t log_size = std::uint64_t{16} * page_size;

/// A store whose redo log is there.
class RecordingStore : public ResidentStore {
 public:
  explicit RecordingStore(Options options = {}) : ResidentStore(with_log(std::move(options))) {}

  CommitReceipt record(std::uint64_t number, std::string_view value = "value") {
    return commit(number, value, Durability::full);
  }
  void record(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number < to; ++number) record(number);
  }
  /// The death of the process, of which the cache keeps nothing.
  void cut_power() {
    disk().kill_process();
    destroy();
    disk().evict_cache();
    open();
  }
  /// The bytes of the file as others see them.
  std::vector<std::byte> file() {
    const auto file = disk().open("data", Access::read_only).value();
    const Bytes bytes = file->map(file->size().value()).value().first(file->size().value());
    return {bytes.begin(), bytes.end()};
  }

 private:
  static Options with_log(Options options) {
    if (options.redo_log_size == 0) options.redo_log_size = log_size;
    return options;
  }
};

}  // namespace quire::test
