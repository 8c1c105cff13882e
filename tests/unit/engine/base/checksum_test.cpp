#include "quire/engine/base/checksum.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace quire {
namespace {

/// A page full of bytes that anyone can make again.
std::vector<std::byte> golden_page() {
  std::vector<std::byte> page(4096);
  for (std::size_t index = 0; index < page.size(); ++index) {
    page[index] = static_cast<std::byte>(index * 7 + 3);
  }
  return page;
}

// Files live longer than builds: these numbers come from the library libxxhash 0.8.1, not from the
// headers that the engine compiles, and must never change.
TEST_CASE("checksums keep their values for ever") {
  CHECK(checksum64(Bytes{}, 0) == 0x2d06'8005'38d3'94c2);
  CHECK(checksum64(as_bytes("quire"), 0) == 0x9ba9'c72d'bd0a'd0ec);
  CHECK(checksum64(as_bytes("quire"), 1) == 0x242d'1051'2765'2cca);

  const std::vector<std::byte> page = golden_page();
  CHECK(checksum64(page, 0) == 0xd742'8746'842b'e37e);
  CHECK(checksum64(page, 0x1234'5678'9abc'def0) == 0xde17'c1f9'e52a'a4e5);
  CHECK(checksum64(Bytes(page).subspan(8), 5) == 0x5bcb'5d8c'5719'ee33);
}

TEST_CASE("long checksums keep their values for ever") {
  using Checksum = std::array<std::uint64_t, 2>;
  CHECK((checksum128(Bytes{}) == Checksum{0x6001'c324'468d'497f, 0x99aa'06d3'0147'98d8}));
  CHECK((checksum128(as_bytes("quire")) == Checksum{0x0bd4'35f1'8109'e23f, 0x419f'66ea'cde3'149a}));
  CHECK((checksum128(golden_page()) == Checksum{0xd742'8746'842b'e37e, 0x1546'8674'2310'5cd5}));
}

// Law: damage to any one bit of a page changes its checksum.
TEST_CASE("a checksum notices every single bit") {
  std::vector<std::byte> page = golden_page();
  const std::uint64_t whole = checksum64(page, 1);
  for (std::size_t bit = 0; bit < 8 * page.size(); ++bit) {
    CAPTURE(bit);
    const auto mask = static_cast<std::byte>(1U << (bit % 8));
    page[bit / 8] ^= mask;
    REQUIRE(checksum64(page, 1) != whole);
    page[bit / 8] ^= mask;
  }
  CHECK(checksum64(page, 1) == whole);
}

/// Leaves a stack behind that looks like states of an earlier checksum under this seed, whose
/// secret something else has overwritten since.
[[gnu::noinline]] void leave_stale_states(std::uint64_t seed) {
  struct alignas(64) Line {
    std::array<std::uint64_t, 8> words;
  };
  std::array<Line, 64> stack;
  for (Line& line : stack) line = {{7, 7, 7, 7, 7, seed, 7, 0}};
  asm volatile("" : : "r"(stack.data()) : "memory");  // as if somebody read it
}

// Laws: pieces have the checksum of the whole, and nothing but them and the seed has a part in it.
TEST_CASE("the checksum of pieces is that of the whole, whatever the stack held") {
  const std::vector<std::byte> page = golden_page();
  for (const std::size_t cut : {0UZ, 1UZ, 64UZ, 1000UZ, page.size()}) {
    const std::array pieces = {Bytes(page).first(cut), Bytes(page).subspan(cut)};
    for (const std::uint64_t seed : {0UL, 1UL, 0x1234'5678'9abc'def0UL}) {
      CAPTURE(cut);
      CAPTURE(seed);
      leave_stale_states(seed);
      RunningChecksum64 running(seed);
      for (const Bytes piece : pieces) running.add(piece);
      CHECK(running.value() == checksum64(page, seed));
    }
  }
}

}  // namespace
}  // namespace quire
