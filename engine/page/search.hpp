// Search: the place of a head among a page's sorted heads.
//
// From sample_threshold heads on, the samples are searched first and then one block of heads, so a
// search in a cold page touches few lines. A range is halved without branches until sixteen heads
// are left; these are counted, all of them, which has no branch to mispredict either.
#pragma once

#include <cstdint>
#include <limits>

#include "quire/engine/base/little_endian.hpp"
#include "quire/engine/page/geometry.hpp"

namespace quire {

inline constexpr std::uint32_t search_window = layout::sample_stride;

/// How many of exactly search_window heads are below the bound.
inline std::uint32_t count_below_in_window(const U64le* heads, std::uint64_t bound) noexcept {
  std::uint32_t below = 0;
  for (std::uint32_t i = 0; i < search_window; ++i) below += heads[i] < bound ? 1U : 0U;
  return below;
}

/// How many of the sorted heads are below the bound.
inline std::uint32_t count_below(const U64le* heads, std::uint32_t count,
                                 std::uint64_t bound) noexcept {
  if (count < search_window) {
    std::uint32_t below = 0;
    for (std::uint32_t i = 0; i < count; ++i) below += heads[i] < bound ? 1U : 0U;
    return below;
  }
  std::uint32_t begin = 0;
  std::uint32_t range = count;
  while (range > search_window) {
    const std::uint32_t half = range / 2;
    begin += heads[begin + half - 1] < bound ? half : 0;
    range -= half;
  }
  // The window may begin earlier than the range: what lies between is below the bound as well.
  begin = std::min(begin, count - search_window);
  return begin + count_below_in_window(heads + begin, bound);
}

/// The sorted heads of a page, with their samples.
class Heads {
 public:
  Heads(const std::byte* page, std::uint32_t prefix_length, std::uint32_t count) noexcept
      : heads_(overlay<U64le>(page + heads_offset(prefix_length, count))), count_(count) {}

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t operator[](std::uint32_t index) const noexcept {
    return heads_[index];
  }

  /// The first index whose head is not below head.
  [[nodiscard]] std::uint32_t lower_bound(std::uint64_t head) const noexcept {
    if (count_ < layout::sample_threshold) return count_below(heads_, count_, head);
    const std::uint32_t samples = sample_count(count_);
    const std::uint32_t block = count_below(heads_ - samples, samples, head);
    const std::uint32_t begin = std::min(block * layout::sample_stride, count_ - search_window);
    return begin + count_below_in_window(heads_ + begin, head);
  }

  /// The first index whose head is above head.
  [[nodiscard]] std::uint32_t upper_bound(std::uint64_t head) const noexcept {
    if (head == std::numeric_limits<std::uint64_t>::max()) return count_;
    return lower_bound(head + 1);
  }

 private:
  const U64le* heads_;
  std::uint32_t count_;
};

}  // namespace quire
