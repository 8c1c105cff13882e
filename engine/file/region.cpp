// The pool of regions.
#include "quire/engine/file/region.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "quire/engine/base/assert.hpp"

namespace quire {

/// Regions that nobody uses now. It keeps few, and none that holds much memory.
class RegionPool {
 public:
  /// Never destroyed: regions with static lifetime come back at the very end.
  static RegionPool& instance() {
    static RegionPool& pool = *new RegionPool;
    return pool;
  }

  std::optional<Region> take(std::size_t capacity) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(spare_.rbegin(), spare_.rend(), [&](const Spare& spare) {
      return spare.range.size() == capacity;
    });
    if (found == spare_.rend()) return std::nullopt;
    Region region(std::move(found->range), found->used);
    spare_.erase(std::next(found).base());
    return region;
  }

  void give_back(AddressRange range, std::size_t used) {
    if (used > max_used) return;
    const std::lock_guard lock(mutex_);
    if (spare_.size() < max_spare) spare_.push_back({std::move(range), used});
  }

 private:
  struct Spare {
    AddressRange range;
    std::size_t used;
  };
  static constexpr std::size_t max_spare = 32;
  static constexpr std::size_t max_used = std::size_t{8} << 20;

  RegionPool() { spare_.reserve(max_spare); }

  std::mutex mutex_;
  std::vector<Spare> spare_;
};

Region::Region(AddressRange range, std::size_t used) noexcept
    : range_(std::move(range)), used_(used) {}

Region::Region(Region&& other) noexcept
    : range_(std::move(other.range_)),
      size_(std::exchange(other.size_, 0)),
      used_(std::exchange(other.used_, 0)) {}

Region& Region::operator=(Region&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  range_ = std::move(other.range_);
  size_ = std::exchange(other.size_, 0);
  used_ = std::exchange(other.used_, 0);
  return *this;
}

Region::~Region() { give_back(); }

Result<Region> Region::take(std::size_t capacity) {
  if (auto spare = RegionPool::instance().take(capacity)) return *std::move(spare);
  constexpr std::size_t least = 1 << 20;
  auto range = AddressRange::over_memory(capacity, std::min(capacity, least));
  if (!range) return fail(range);
  return Region(*std::move(range), 0);
}

void Region::give_back() noexcept {
  if (capacity() != 0) RegionPool::instance().give_back(std::move(range_), used_);
}

void Region::resize(std::size_t size) noexcept {
  QUIRE_ASSERT(size <= capacity());
  const std::size_t stale_end = std::min(size, used_);
  if (size_ < stale_end) std::memset(data() + size_, 0, stale_end - size_);
  size_ = size;
  used_ = std::max(used_, size);
}

void Region::assign(Bytes content) noexcept {
  QUIRE_ASSERT(content.size() <= capacity());
  copy_bytes(data(), content);
  size_ = content.size();
  used_ = std::max(used_, size_);
}

}  // namespace quire
