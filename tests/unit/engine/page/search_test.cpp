// The search among heads, against the standard library's.
#include "quire/engine/page/search.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "material.hpp"
#include "quire/engine/page/arrays.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

/// The page of these heads alone.
class HeadsPage {
 public:
  explicit HeadsPage(const std::vector<std::uint64_t>& heads, std::uint32_t prefix_length = 0)
      : count_(static_cast<std::uint32_t>(heads.size())),
        prefix_length_(prefix_length),
        bytes_(heads_end(prefix_length, count_)) {
    U64le* const at = overlay<U64le>(bytes_.data() + heads_offset(prefix_length, count_));
    std::ranges::copy(heads, at);
    refresh_samples(bytes_.data(), prefix_length, count_, 0);
  }
  [[nodiscard]] Heads heads() const { return {bytes_.data(), prefix_length_, count_}; }

 private:
  std::uint32_t count_;
  std::uint32_t prefix_length_;
  std::vector<std::byte> bytes_;
};

void check_bounds(const std::vector<std::uint64_t>& sorted, const Heads& heads,
                  std::uint64_t wanted) {
  CAPTURE(sorted.size());
  CAPTURE(wanted);
  const auto lower = std::ranges::lower_bound(sorted, wanted) - sorted.begin();
  const auto upper = std::ranges::upper_bound(sorted, wanted) - sorted.begin();
  REQUIRE(heads.lower_bound(wanted) == lower);
  REQUIRE(heads.upper_bound(wanted) == upper);
  const auto check_block = [&](std::uint32_t first) {
    REQUIRE(first + search_window <= sorted.size());
    REQUIRE(first <= lower);
    REQUIRE(lower <= first + search_window);
  };
  REQUIRE(heads.lower_bound(wanted, check_block) == lower);
}

/// Looks for every head, what is beside it, and both ends of the numbers.
void check_all_bounds(std::vector<std::uint64_t> numbers) {
  std::ranges::sort(numbers);
  const HeadsPage page(numbers, 3);
  for (const std::uint64_t wanted : {std::uint64_t{0}, std::uint64_t{1}, largest - 1, largest}) {
    check_bounds(numbers, page.heads(), wanted);
  }
  for (const std::uint64_t head : numbers) {
    for (const std::uint64_t wanted : {head - 1, head, head + 1}) {
      check_bounds(numbers, page.heads(), wanted);
    }
  }
}

// Every count up to where samples have samples of their own to be halved.
TEST_CASE("heads are found as the standard library finds them, at every count") {
  Random random(1);
  for (std::size_t count = 0; count <= 400; ++count) {
    std::vector<std::uint64_t> few_heads(count);
    std::vector<std::uint64_t> any_heads(count);
    const std::uint32_t variety = 1 + random.below(count + 1);
    for (std::uint64_t& head : few_heads) head = random.below(variety);
    for (std::uint64_t& head : any_heads) head = random.number();
    check_all_bounds(few_heads);
    check_all_bounds(any_heads);
  }
}

TEST_CASE("heads of large pages are found as the standard library finds them") {
  Random random(2);
  for (std::size_t round = 0; round < scaled(10); ++round) {
    std::vector<std::uint64_t> heads(4000 + random.below(4000));
    for (std::uint64_t& head : heads) head = random.number() >> random.below(60);
    check_all_bounds(heads);
  }
}

TEST_CASE("heads that are all the largest number are found") {
  check_all_bounds(std::vector<std::uint64_t>(100, largest));
}

}  // namespace
}  // namespace quire::test
