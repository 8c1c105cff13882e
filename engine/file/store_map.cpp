#include "quire/engine/file/store_map.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace quire {
namespace {

/// Whether pages are in memory is asked of one in so many: pages of one commit are alike in that.
constexpr unsigned stores_for_a_look = 16;

}  // namespace

void StoreMap::open(int descriptor, std::size_t size) {
  is_opened_ = true;
  if (size == 0) return;
  auto range = AddressRange::over_file(descriptor, size, size, Access::read_write);
  if (!range) return;
  range_ = *std::move(range);
  reach_ = range_.size();
}

bool StoreMap::store(std::uint64_t offset, Bytes bytes) {
  if (offset + bytes.size() > reach_) return false;
  if (until_look_ == 0) {
    is_warm_ = is_in_memory(offset);
    until_look_ = stores_for_a_look;
  }
  --until_look_;
  if (is_warm_) copy_bytes(range_.data() + offset, bytes);
  return is_warm_;
}

bool StoreMap::is_in_memory(std::uint64_t offset) const {
  const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  unsigned char is_there = 0;
  const int done = ::mincore(range_.data() + offset / page_size * page_size, 1, &is_there);
  return done == 0 && (is_there & 1U) != 0;
}

void StoreMap::forget_file() noexcept {
  range_.forget_file();
  reach_ = 0;
  is_opened_ = true;
}

}  // namespace quire
