// DataFile: the open file, its map, and which of its pages were verified.
//
// Everything that bytes under a pin depend on, and nothing else: it outlives the database for as
// long as there is a pin.
#pragma once

#include <algorithm>
#include <memory>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/tree/verified_tags.hpp"

namespace quire {

struct DataFile {
  std::unique_ptr<File> file;
  Bytes map;
  std::uint32_t page_size = 0;
  FileSeed seed;
  Verification verification = Verification::first_touch;
  VerifiedTags tags;

  /// The door to its pages, as a state sees them: as far as the map goes, which another process may
  /// have passed.
  [[nodiscard]] Pages pages(PageNo page_count, TxnId newest) {
    const PageNo mapped{static_cast<std::uint32_t>(map.size() / page_size)};
    return Pages(map, page_size, seed, check(), &tags).at(std::min(page_count, mapped), newest);
  }

 private:
  [[nodiscard]] Pages::Check check() const {
    switch (verification) {
      case Verification::first_touch: return Pages::Check::first_touch;
      case Verification::always: return Pages::Check::always;
      case Verification::off: break;
    }
    return Pages::Check::off;
  }
};

}  // namespace quire
