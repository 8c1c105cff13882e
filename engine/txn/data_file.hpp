// DataFile: the open file, its map, which of its pages were verified, and the arena of those that
// have no place in it yet.
//
// Everything that bytes under a pin depend on, and nothing else: it outlives the database for as
// long as there is a pin.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/file/read_ahead.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/tree/verified_tags.hpp"

namespace quire {

class DataFile {
 public:
  DataFile(std::unique_ptr<File> file, Bytes map, std::uint32_t page_size, FileSeed seed,
           Verification verification)
      : file_(std::move(file)),
        map_(map),
        page_size_(page_size),
        tags_(map.size() / page_size, read_ahead),
        arena_(page_size),
        all_(map, page_size, seed, check_of(verification), &tags_, &arena_),
        page_count_{static_cast<std::uint32_t>(
            std::min<std::uint64_t>(map.size() / page_size, max_page_count))} {}

  [[nodiscard]] File& file() const { return *file_; }
  [[nodiscard]] Bytes map() const { return map_; }
  [[nodiscard]] std::uint32_t page_size() const { return page_size_; }
  /// For the one in the writer's place.
  [[nodiscard]] Arena& arena() { return arena_; }

  /// Of a value that is pinned.
  [[nodiscard]] Status check_value(Bytes value, const ValueCheck& check) const {
    return all_.at(page_count_, no_txn).check_value(value, check);
  }

  /// The door to its pages, as a state sees them: as far as the map goes, which another process may
  /// have passed.
  [[nodiscard]] Pages pages(PageNo page_count, TxnId newest) const {
    return all_.at(std::min(page_count, page_count_), newest);
  }

 private:
  [[nodiscard]] static Pages::Check check_of(Verification verification) {
    switch (verification) {
      case Verification::first_touch: return Pages::Check::first_touch;
      case Verification::always: return Pages::Check::always;
      case Verification::off: break;
    }
    return Pages::Check::off;
  }

  const std::unique_ptr<File> file_;
  const Bytes map_;
  const std::uint32_t page_size_;
  PageTags tags_;
  Arena arena_;
  const Pages all_;
  const PageNo page_count_;  ///< that the map has room for
};

}  // namespace quire
