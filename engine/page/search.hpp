// Search: the place of a head among a page's sorted heads.
//
// From sample_threshold heads on, the samples are searched first and then one block of heads, so a
// search in a cold page touches few lines. A range is halved until sixteen heads are left. These
// are narrowed by three comparisons and then by four, each independent of its neighbours. No step
// is a branch that a random key could make the processor mispredict. (Plain x86-64 has no vector
// comparison of unsigned 64-bit integers; emulated ones, and a count of all sixteen, are slower.)
#pragma once

#include <cstdint>
#include <limits>

#include "quire/engine/base/little_endian.hpp"
#include "quire/engine/page/geometry.hpp"

namespace quire {

inline constexpr std::uint32_t search_window = layout::sample_stride;

inline std::uint32_t is_below(std::uint64_t head, std::uint64_t bound) noexcept {
  return head < bound ? 1 : 0;
}

/// How many of exactly search_window sorted heads are below the bound.
inline std::uint32_t count_below_in_window(const U64le* heads, std::uint64_t bound) noexcept {
  static_assert(search_window == 16);
  const std::uint32_t quarters =
      is_below(heads[3], bound) + is_below(heads[7], bound) + is_below(heads[11], bound);
  const U64le* const quarter = heads + 4 * quarters;
  return 4 * quarters + is_below(quarter[0], bound) + is_below(quarter[1], bound) +
         is_below(quarter[2], bound) + is_below(quarter[3], bound);
}

/// How many of the sorted heads are below the bound.
inline std::uint32_t count_below(const U64le* heads, std::uint32_t count,
                                 std::uint64_t bound) noexcept {
  std::uint32_t begin = 0;
  if (count < search_window) {
    for (std::uint32_t i = 0; i < count; ++i) begin += is_below(heads[i], bound);
    return begin;
  }
  for (std::uint32_t range = count; range > search_window;) {
    const std::uint32_t half = range / 2;
    begin += half & (0U - is_below(heads[begin + half - 1], bound));
    range -= half;
  }
  // The window may begin before the range: what lies between is below the bound as well.
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

  /// The first index whose head is not below head. Where samples tell its block of search_window
  /// heads, narrowed(index of the first of these) is called: what lies elsewhere for each head can
  /// come while they are looked at.
  [[nodiscard]] std::uint32_t lower_bound(std::uint64_t head, auto narrowed) const noexcept {
    if (count_ < layout::sample_threshold) return count_below(heads_, count_, head);
    const std::uint32_t samples = sample_count(count_);
    const std::uint32_t block = count_below(heads_ - samples, samples, head);
    const std::uint32_t begin = std::min(block * layout::sample_stride, count_ - search_window);
    narrowed(begin);
    return begin + count_below_in_window(heads_ + begin, head);
  }
  [[nodiscard]] std::uint32_t lower_bound(std::uint64_t head) const noexcept {
    return lower_bound(head, [](std::uint32_t) {});
  }

  /// The first index whose head is above head; narrowed is as for lower_bound.
  [[nodiscard]] std::uint32_t upper_bound(std::uint64_t head, auto narrowed) const noexcept {
    if (head == std::numeric_limits<std::uint64_t>::max()) return count_;
    return lower_bound(head + 1, narrowed);
  }
  [[nodiscard]] std::uint32_t upper_bound(std::uint64_t head) const noexcept {
    return upper_bound(head, [](std::uint32_t) {});
  }

 private:
  const U64le* heads_;
  std::uint32_t count_;
};

}  // namespace quire
