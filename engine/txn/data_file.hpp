// DataFile: the open file, its map, and which of its pages were verified.
//
// Everything that bytes under a pin depend on, and nothing else: it outlives the database for as
// long as there is a pin.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/tree/verified_tags.hpp"

namespace quire {

struct DataFile {
  DataFile(std::unique_ptr<File> opened, Bytes mapped, std::uint32_t size_of_page,
           FileSeed file_seed, Verification verifying)
      : file(std::move(opened)),
        map(mapped),
        page_size(size_of_page),
        tags(map.size() / page_size),
        all_(map, page_size, file_seed, check_of(verifying), &tags),
        page_count_{static_cast<std::uint32_t>(
            std::min<std::uint64_t>(map.size() / page_size, max_page_count))} {}

  const std::unique_ptr<File> file;
  const Bytes map;
  const std::uint32_t page_size;
  VerifiedTags tags;

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

  const Pages all_;
  const PageNo page_count_;  ///< that the map has room for
};

}  // namespace quire
