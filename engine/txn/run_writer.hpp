// RunWriter: writes pages in as few calls as their places allow.
//
// What lies side by side in the file goes out in one call. Large values go straight from their
// owner's memory; small ones are gathered until a neighbour is not one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/engine/space/extent.hpp"
#include "quire/engine/tree/tree_placer.hpp"
#include "quire/engine/txn/writer.hpp"

namespace quire {

/// What is behind a value in the last page of its run.
inline constexpr std::array<std::byte, layout::max_page_size> page_of_zeros{};

/// Seals and writes what was placed.
Status write_pages(Writer& writer, const TreePlacer& placer, SyncComes comes);

/// Writes sealed pages that follow each other in memory as in the file.
Status write_pages(Writer& writer, PageNo first, Bytes pages, std::uint32_t page_size);

/// Writes the overflow runs of a transaction as they come. Not thread-safe.
class OverflowWriter {
 public:
  explicit OverflowWriter(std::uint32_t page_size) : page_size_(page_size) {}

  /// Writes a run: header, value, zeros up to the end of its last page. May keep a copy for a while
  /// instead; flush() makes the map show it.
  Status write(Writer& writer, Extent run, Bytes header, Bytes value);
  Status flush(Writer& writer);
  [[nodiscard]] bool is_flushed() const { return gathered_.empty(); }
  void forget() { gathered_.clear(); }

 private:
  Status write_through(Writer& writer, Extent run, Bytes header, Bytes value) const;

  std::uint32_t page_size_;
  PageNo first_;
  std::vector<std::byte> gathered_;  ///< whole pages, from first_ on
};

}  // namespace quire
