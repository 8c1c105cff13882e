#include "quire/formats/ordered_code.hpp"

#include <doctest/doctest.h>

#include <array>
#include <compare>
#include <initializer_list>
#include <string>
#include <vector>

#include "quire/formats/ordered.hpp"
#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

enum class Color : std::uint8_t { red, green, blue = 255 };
enum Depth : std::int16_t { below_sea = -1, at_sea = 0 };
enum class Free { one };

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST_CASE("ordered codes keep the order of integers, bool and enums") {
  check_laws_of_each<std::uint8_t, std::uint64_t, std::int16_t, std::int32_t, bool, Color, Depth>();
  check_laws_of_each<Int128, UnsignedInt128>();
}

TEST_CASE("ordered codes keep the order of strings and bytes") {
  check_laws_of_each<std::string, std::vector<std::byte>, std::array<unsigned char, 3>>();
}

// Law: a text of any length takes the place of one that begins as it does.
TEST_CASE("texts become others that begin as they do") {
  Random random(1);
  const auto text = [&](std::size_t size) {
    std::string made(size, '\0');
    for (char& letter : made) letter = static_cast<char>('a' + below(random, 26));
    return made;
  };
  for (std::size_t size = 0; size <= 4 * copy_slack; ++size) {
    CAPTURE(size);
    const std::string stored = text(size);
    for (int time = 0; time < 20; ++time)
      check_key_end<std::string>(as_bytes(stored), text(below(random, 2 * size + 1)), random);
  }
}

// Law: a type's other names have its code.
static_assert(OrderedKey<std::uint16_t> && OrderedKey<std::int8_t> && OrderedKey<std::uint32_t> &&
              OrderedKey<std::int64_t> && OrderedKey<long> && OrderedKey<unsigned long long> &&
              OrderedKey<std::byte> && OrderedKey<std::vector<unsigned char>>);

// Law: every value of one byte, and every pair of them, keeps its order.
TEST_CASE("all integers of eight bits are in order") {
  for (int left = -128; left < 128; ++left) {
    const auto left_bytes = encoded<std::int8_t>(static_cast<std::int8_t>(left));
    for (int right = -128; right < 128; ++right) {
      const auto right_bytes = encoded<std::int8_t>(static_cast<std::int8_t>(right));
      REQUIRE((compare(left_bytes, right_bytes) <=> 0) == (left <=> right));
    }
  }
}

// Law: these bytes are in files; they never change.
TEST_CASE("golden stored forms") {
  CHECK(encoded<std::uint8_t>(0x12) == bytes_of({0x12}));
  CHECK(encoded<std::uint16_t>(0x1234) == bytes_of({0x12, 0x34}));
  CHECK(encoded<std::uint32_t>(0x12345678) == bytes_of({0x12, 0x34, 0x56, 0x78}));
  CHECK(encoded<std::uint64_t>(1) == bytes_of({0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK(encoded<std::int8_t>(-128) == bytes_of({0x00}));
  CHECK(encoded<std::int16_t>(-1) == bytes_of({0x7F, 0xFF}));
  CHECK(encoded<std::int32_t>(0) == bytes_of({0x80, 0, 0, 0}));
  CHECK(encoded<std::int64_t>(1) == bytes_of({0x80, 0, 0, 0, 0, 0, 0, 1}));
  CHECK(encoded<bool>(false) == bytes_of({0}));
  CHECK(encoded<bool>(true) == bytes_of({1}));
  CHECK(encoded<Color>(Color::blue) == bytes_of({0xFF}));
  CHECK(encoded<Depth>(below_sea) == bytes_of({0x7F, 0xFF}));
  CHECK(encoded<std::string>("a\xC3\xA9") == bytes_of({'a', 0xC3, 0xA9}));
  CHECK(encoded<std::string>("") == bytes_of({}));
  CHECK(encoded<std::vector<std::byte>>(bytes_of({0, 1})) == bytes_of({0, 1}));
  CHECK(encoded<std::array<unsigned char, 2>>({0, 9}) == bytes_of({0, 9}));
}

TEST_CASE("golden stored forms of tuples") {
  using Name = std::tuple<std::string, std::uint16_t>;
  CHECK(encoded<Name>({"ab", 0x0102}) == bytes_of({'a', 'b', 0, 0, 1, 2}));
  CHECK(encoded<Name>({std::string_view("a\0b", 3), 0}) ==
        bytes_of({'a', 0, 0xFF, 'b', 0, 0, 0, 0}));
  CHECK(encoded<Name>({"", 0}) == bytes_of({0, 0, 0, 0}));
  CHECK(encoded<std::pair<std::uint8_t, std::string>>({7, std::string_view("a\0", 2)}) ==
        bytes_of({7, 'a', 0}));
  using Nested = std::tuple<std::tuple<std::uint8_t, std::string>, std::string>;
  CHECK(encoded<Nested>({{7, "a"}, "b"}) == bytes_of({7, 'a', 0, 0, 'b'}));
}

TEST_CASE("descriptors name what is stored and never a compiler's type") {
  const OrderedFormat format;
  CHECK(format.descriptor<std::uint32_t>() == "u32");
  CHECK(format.descriptor<long long>() == "i64");
  CHECK(format.descriptor<long>() == format.descriptor<std::int64_t>());
  CHECK(format.descriptor<bool>() == "bool");
  CHECK(format.descriptor<Color>() == "enum(u8)");
  CHECK(format.descriptor<std::string>() == "string");
  CHECK(format.descriptor<std::vector<std::byte>>() == "bytes");
  CHECK(format.descriptor<std::array<std::byte, 6>>() == "bytes(6)");
  CHECK(format.descriptor<std::tuple<std::string, std::uint32_t>>() == "tuple(string,u32)");
  CHECK(format.descriptor<std::pair<bool, std::tuple<std::string, std::int8_t>>>() ==
        "tuple(bool,tuple(string,i8))");
}

// Law: what has no stored form of its own is refused when it is compiled.
static_assert(!OrderedKey<char> && !OrderedKey<wchar_t> && !OrderedKey<std::string_view> &&
              !OrderedKey<const char*> && !OrderedKey<Free*> && !OrderedKey<std::vector<char>>);

}  // namespace
}  // namespace quire::test
