// Region: the bytes of a file that lives in memory, at an address that never changes.
//
// Reserving addresses costs system calls, page faults more, so regions that are given back wait in
// a pool, with their memory, for the next taker of the same capacity.
//
// Invariant: bytes between size() and the largest size a region ever had may hold anything; beyond
// that they are zero. Growing clears the former, so new bytes of a file always read as zero.
#pragma once

#include <cstddef>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/file/address_range.hpp"

namespace quire {

/// Owns a range of the pool. One thread at a time; the pool itself is thread-safe.
class Region {
 public:
  Region() noexcept = default;
  Region(Region&& other) noexcept;
  Region& operator=(Region&& other) noexcept;
  ~Region();

  /// An empty region that can grow up to the capacity, or to less when the system grants less.
  static Result<Region> take(std::size_t capacity);

  [[nodiscard]] std::byte* data() const noexcept { return range_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return range_.size(); }

  /// Cuts or grows to a size up to the capacity.
  void resize(std::size_t size) noexcept;

  /// Replaces the content; cheaper than growing and writing, since nothing is cleared first.
  void assign(Bytes content) noexcept;

 private:
  explicit Region(AddressRange range, std::size_t used) noexcept;
  void give_back() noexcept;

  AddressRange range_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;  // the largest size it had, by whomever
  friend class RegionPool;
};

}  // namespace quire
