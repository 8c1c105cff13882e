// RunStream: writes an overflow run while its value comes.
//
// What came goes to its final place as soon as it is much, straight from the caller's memory where
// that holds whole pages. The first page, which has the checksum of all, waits until the end: so
// each page is written once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/space/extent.hpp"
#include "quire/engine/txn/writer.hpp"

namespace quire {

/// Takes memory for a page and 256 KiB at most when it is made, and none later. After a failure it
/// is of no more use. Not thread-safe.
class RunStream {
 public:
  /// The run must be long enough for the value, and have been written by nobody in this
  /// transaction.
  RunStream(std::uint32_t page_size, Extent run, std::uint64_t value_length,
            const PageIdentity& identity, FileSeed seed);

  [[nodiscard]] Extent run() const { return run_; }

  /// The next bytes of the value. Needs that they are no more than are missing.
  Status add(Writer& writer, Bytes piece);
  /// Writes what is left. Needs that the whole value came.
  Status finish(Writer& writer);

 private:
  Status write_with(Writer& writer, Bytes piece);

  Extent run_;
  std::uint32_t page_size_;
  std::size_t most_gathered_;
  std::unique_ptr<std::byte[]> first_page_;
  std::size_t first_page_used_;
  std::vector<std::byte> gathered_;  ///< from next_ on
  PageNo next_;                      ///< the page behind the last one written
  OverflowSeal seal_;
};

}  // namespace quire
