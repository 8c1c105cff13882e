#include "quire/engine/base/little_endian.hpp"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <vector>

#include "quire/engine/base/overlay.hpp"

namespace quire {
namespace {

static_assert(OnDisk<U16le> && OnDisk<U32le> && OnDisk<U48le> && OnDisk<U64le>);
static_assert(sizeof(U16le) == 2 && sizeof(U32le) == 4 && sizeof(U48le) == 6 && sizeof(U64le) == 8);

/// Numbers where something could go wrong: around every power of two that fits into bits.
std::vector<std::uint64_t> edge_numbers(unsigned bits) {
  const std::uint64_t largest = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  std::vector<std::uint64_t> numbers{0, largest};
  for (unsigned bit = 0; bit < bits; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t number : {power - 1, power, power + 1}) {
      if (number <= largest) numbers.push_back(number);
    }
  }
  return numbers;
}

/// Law: what is stored is read back, and byte k in the file is bits [8k, 8k + 8) of the number.
template <class Stored, class Integer>
void check_round_trip() {
  for (const std::uint64_t number : edge_numbers(8 * sizeof(Stored))) {
    CAPTURE(number);
    const Stored stored = static_cast<Integer>(number);
    REQUIRE(static_cast<Integer>(stored) == number);
    const auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof(Stored)>>(stored);
    for (std::size_t index = 0; index < bytes.size(); ++index) {
      REQUIRE(bytes[index] == static_cast<std::uint8_t>(number >> (8 * index)));
    }
  }
}

TEST_CASE("integers come back from their bytes, least significant first") {
  check_round_trip<U16le, std::uint16_t>();
  check_round_trip<U32le, std::uint32_t>();
  check_round_trip<U48le, std::uint64_t>();
  check_round_trip<U64le, std::uint64_t>();
}

TEST_CASE("48 bits take the low bits of a number") {
  const U48le stored = 0xfedc'ba98'7654'3210;
  CHECK(std::uint64_t{stored} == 0xba98'7654'3210);
}

TEST_CASE("integers can be overlaid on any address") {
  std::array<std::byte, 9> bytes{};
  auto* number = overlay<U64le>(bytes.data() + 1);
  *number = 0x0102'0304'0506'0708;
  CHECK(bytes[0] == std::byte{0});
  CHECK(bytes[1] == std::byte{8});
  CHECK(bytes[8] == std::byte{1});
}

}  // namespace
}  // namespace quire
