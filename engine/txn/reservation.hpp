// Reservation: a large value that its owner writes where it waits, in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/space/extent.hpp"

namespace quire {

/// Memory for a run: its header and, at any table's alignment, the value behind it; zeros at first.
/// Moving it does not move the bytes.
class RunRoom {
 public:
  explicit RunRoom(std::uint64_t value_size)
      : size_(value_size), blocks_(1 + (value_size + sizeof(Block) - 1) / sizeof(Block)) {}

  [[nodiscard]] MutableBytes header() { return bytes().first(overflow_header_size); }
  [[nodiscard]] MutableBytes value() { return bytes().subspan(overflow_header_size, size_); }

 private:
  struct alignas(layout::max_value_alignment) Block {
    std::array<std::byte, layout::max_value_alignment> bytes;
  };
  static_assert(sizeof(Block) == overflow_header_size);

  [[nodiscard]] MutableBytes bytes() { return std::as_writable_bytes(std::span(blocks_)); }

  std::uint64_t size_;
  std::vector<Block> blocks_;
};

struct Reservation {
  TableId table;
  std::vector<std::byte> key;
  RunRoom room;
  Extent run = {};          ///< its place in the file
  bool is_written = false;  ///< the run is, with the value that the header was made of
  bool is_settled = false;  ///< and the value does not change any more
};

}  // namespace quire
