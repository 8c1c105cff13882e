// Overflow runs: how long they are, and whether damage to them is noticed.
#include "quire/engine/page/overflow.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "material.hpp"
#include "quire/engine/page/verify.hpp"

namespace quire::test {
namespace {

constexpr PageIdentity identity{{77}, {5}, {3}};
constexpr FileSeed seed{0x1234'5678'9abc'def0};

std::vector<std::byte> sealed_run(const std::string& value, std::uint32_t page_size) {
  std::vector<std::byte> run(std::size_t{overflow_page_count(value.size(), page_size)} * page_size);
  copy_bytes(run.data() + overflow_header_size, as_bytes(value));
  seal_overflow(MutableBytes(run).first(overflow_header_size), as_bytes(value), identity, seed);
  return run;
}

// Law: the run has room for header and value, and would not with a page less.
TEST_CASE("a run is as short as it can be") {
  for (const std::uint64_t page_size : page_sizes) {
    for (const std::uint64_t pages : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3},
                                      layout::max_value_size / page_size}) {
      const std::uint64_t fills_them = pages * page_size - overflow_header_size;
      const auto size = static_cast<std::uint32_t>(page_size);
      CHECK(overflow_page_count(fills_them, size) == pages);
      CHECK(overflow_page_count(fills_them - 1, size) == pages);
      CHECK(overflow_page_count(fills_them + 1, size) == pages + 1);
    }
  }
}

TEST_CASE("a sealed run is sound and gives its value") {
  for (const std::uint32_t page_size : page_sizes) {
    const std::string value = Random(page_size).bytes(page_size + 1000);
    const std::vector<std::byte> run = sealed_run(value, page_size);
    CHECK_FALSE(check_overflow_run(run, identity.number, seed, value.size()));
    CHECK(overflow_checksum_holds(Bytes(run).first(overflow_header_size + value.size()),
                                  identity.number, seed));
    CHECK(as_text(overflow_value(run.data(), value.size())) == value);
    // A check needs no more of the last page than the value takes.
    CHECK_FALSE(check_overflow_run(Bytes(run).first(overflow_header_size + value.size()),
                                   identity.number, seed, value.size()));
  }
}

TEST_CASE("every flipped bit of a run is noticed") {
  const std::string value = Random(1).bytes(5000);
  std::vector<std::byte> run = sealed_run(value, layout::min_page_size);
  for (std::size_t bit = 0; bit < 8 * (overflow_header_size + value.size()); ++bit) {
    const auto flip = std::byte{1} << (bit % 8);
    run[bit / 8] ^= flip;
    CAPTURE(bit);
    REQUIRE(check_overflow_run(run, identity.number, seed, value.size()));
    run[bit / 8] ^= flip;
  }
}

std::vector<Bytes> announced;

// Law: of a large run each byte is announced once, in order, and damage to any piece is noticed.
TEST_CASE("a large run is announced while it is checked") {
  const std::string value = Random(3).bytes((5 << 20) / 2);
  std::vector<std::byte> run = sealed_run(value, layout::min_page_size);
  const Announce announce = [](Bytes bytes) noexcept {
    if (!bytes.empty()) announced.push_back(bytes);
  };
  announced.clear();
  CHECK_FALSE(check_overflow_run(run, identity.number, seed, value.size(), announce));
  const std::byte* next = run.data() + sizeof(U64le);
  for (const Bytes piece : announced) {
    REQUIRE(piece.data() == next);
    next += piece.size();
  }
  CHECK(next == run.data() + overflow_header_size + value.size());
  CHECK(announced.size() == 3);
  for (std::size_t at = 0; at < overflow_header_size + value.size(); at += 100'003) {
    run[at] ^= std::byte{1};
    CAPTURE(at);
    REQUIRE(check_overflow_run(run, identity.number, seed, value.size()));
    run[at] ^= std::byte{1};
  }
}

TEST_CASE("a run is not taken for another's, nor for one of another length") {
  const std::string value = Random(2).bytes(5000);
  const std::vector<std::byte> run = sealed_run(value, layout::min_page_size);
  CHECK(check_overflow_run(run, identity.number.after(1), seed, value.size()));
  CHECK(check_overflow_run(run, identity.number, {seed.value + 1}, value.size()));
  for (const std::uint64_t length : {0UL, 4999UL, 5001UL, 8192UL, layout::max_value_size, ~0UL}) {
    CHECK(check_overflow_run(run, identity.number, seed, length) == PageDefect::length);
  }
  for (const std::size_t size : {0UL, 63UL, 64UL, overflow_header_size + value.size() - 1}) {
    CHECK(check_overflow_run(Bytes(run).first(size), identity.number, seed, value.size()) ==
          PageDefect::length);
  }
}

}  // namespace
}  // namespace quire::test
