// LiveFile: the content of one file of a running crash disk, and how it was at first.
//
// Invariant: first content = bytes now, with every saved block put back, cut to the first size. So
// neither mounting an image nor throwing away what was done to it copies the whole file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "quire/engine/file/region.hpp"
#include "support/crash_replay.hpp"

namespace quire::test {

/// Works on a region that it does not own. One thread at a time.
class LiveFile {
 public:
  /// The file's bytes are the first `size` of the region; more may follow that are not the file's.
  LiveFile(Region& region, std::uint64_t size);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t capacity() const { return region_->capacity(); }
  /// Everything that can be read at the file's address: its bytes and what may become its bytes.
  [[nodiscard]] Bytes reserved() const { return {region_->data(), region_->capacity()}; }
  [[nodiscard]] Bytes content() const { return {region_->data(), size_}; }

  void write(std::uint64_t offset, Bytes bytes);
  void resize(std::uint64_t size);

  /// The content that the file had when this was made.
  [[nodiscard]] std::vector<std::byte> first_content() const;

  /// Makes the region as it was when this was made.
  void roll_back();

 private:
  void save(std::uint64_t begin, std::uint64_t end);
  void save_block(BlockNo block);
  void put_back(std::byte* bytes, std::size_t size) const;

  Region* region_;
  std::uint64_t size_;
  std::uint64_t first_size_;
  std::size_t first_region_size_;
  std::vector<bool> is_saved_;      // of each block of the first region
  std::vector<BlockNo> saved_;      // those blocks, and in the same order
  std::vector<std::byte> content_;  // what they held
};

}  // namespace quire::test
