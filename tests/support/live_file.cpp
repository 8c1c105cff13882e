// The content of a running file. See live_file.hpp.
#include "support/live_file.hpp"

#include <algorithm>
#include <cstring>

namespace quire::test {

LiveFile::LiveFile(Region& region, std::uint64_t size)
    : region_(&region),
      size_(size),
      first_size_(size),
      first_region_size_(region.size()),
      is_saved_(align_up(region.size(), block_size) / block_size) {}

void LiveFile::write(std::uint64_t offset, Bytes bytes) {
  if (bytes.empty()) return;
  save(offset, offset + bytes.size());
  copy_bytes(region_->data() + offset, bytes);
}

void LiveFile::resize(std::uint64_t size) {
  const std::uint64_t stale_end = std::min<std::uint64_t>(size, region_->size());
  if (size_ < stale_end) {
    save(size_, stale_end);
    std::memset(region_->data() + size_, 0, stale_end - size_);
  }
  if (size > region_->size()) region_->resize(size);
  size_ = size;
}

std::vector<std::byte> LiveFile::first_content() const {
  std::vector<std::byte> bytes(region_->data(), region_->data() + first_size_);
  put_back(bytes.data(), bytes.size());
  return bytes;
}

void LiveFile::roll_back() {
  region_->resize(first_region_size_);
  put_back(region_->data(), first_region_size_);
  size_ = first_size_;
  for (const BlockNo block : saved_) is_saved_[block] = false;
  saved_.clear();
  content_.clear();
}

void LiveFile::save(std::uint64_t begin, std::uint64_t end) {
  end = std::min<std::uint64_t>(end, first_region_size_);
  for (std::uint64_t start = begin / block_size * block_size; start < end; start += block_size) {
    save_block(static_cast<BlockNo>(start / block_size));
  }
}

void LiveFile::save_block(BlockNo block) {
  if (is_saved_[block]) return;
  is_saved_[block] = true;
  saved_.push_back(block);
  const std::byte* const bytes = region_->data() + std::size_t{block} * block_size;
  content_.insert(content_.end(), bytes, bytes + block_size);
}

/// Puts the saved blocks over bytes that begin where the file begins.
void LiveFile::put_back(std::byte* bytes, std::size_t size) const {
  for (std::size_t index = 0; index < saved_.size(); ++index) {
    const std::size_t start = std::size_t{saved_[index]} * block_size;
    if (start >= size) continue;
    std::memcpy(bytes + start, content_.data() + index * block_size,
                std::min(block_size, size - start));
  }
}

}  // namespace quire::test
