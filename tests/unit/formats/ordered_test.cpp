#include "quire/formats/ordered.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

const OrderedFormat format;

/// Every string of at most `longest` bytes over the bytes that codes treat differently.
std::vector<std::vector<std::byte>> all_bytes(std::size_t longest) {
  constexpr std::array alphabet{std::byte{0x00}, std::byte{0x01}, std::byte{'a'}, std::byte{0xFF}};
  std::vector<std::vector<std::byte>> found{{}};
  for (std::size_t from = 0, length = 0; length < longest; ++length) {
    const std::size_t end = found.size();
    for (; from < end; ++from) {
      for (const std::byte byte : alphabet) {
        found.push_back(found[from]);
        found.back().push_back(byte);
      }
    }
  }
  return found;
}

// Law: any bytes decode to the one key that they are the stored form of, or are called corrupt.
TEST_CASE("decoding takes any bytes") {
  for (const auto& stored : all_bytes(5)) {
    CAPTURE(as_text(stored));
    check_that_decoding_is_exact<std::uint8_t>(stored);
    check_that_decoding_is_exact<std::int32_t>(stored);
    check_that_decoding_is_exact<bool>(stored);
    check_that_decoding_is_exact<std::string>(stored);
    check_that_decoding_is_exact<std::array<std::byte, 3>>(stored);
    check_that_decoding_is_exact<std::tuple<std::string, std::string>>(stored);
    check_that_decoding_is_exact<std::tuple<std::string, std::uint8_t>>(stored);
    check_that_decoding_is_exact<std::pair<bool, std::string>>(stored);
    check_that_decoding_is_exact<std::optional<std::string>>(stored);
    check_that_decoding_is_exact<std::vector<std::uint8_t>>(stored);
    check_that_decoding_is_exact<std::vector<std::optional<bool>>>(stored);
    check_that_decoding_is_exact<Descending<std::string>>(stored);
    check_that_decoding_is_exact<std::pair<Descending<bool>, std::vector<std::string>>>(stored);
    check_that_decoding_is_exact<float>(stored);
  }
}

TEST_CASE("a key that does not decode is called by its descriptor") {
  const auto decoded = format.decode<std::uint32_t>(as_bytes("abc"));
  REQUIRE(!decoded);
  CHECK(decoded.error().detail() == "a key of 3 bytes is not the stored form of a u32");
}

// Law: a prefix begins the stored forms of the keys with these leading fields, and of no others.
TEST_CASE("prefixes over leading fields select the keys that have them") {
  using Key = std::tuple<std::string, std::string, std::uint8_t>;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Key key = sample<Key>(random);
    const auto& [first, second, third] = key;
    const auto stored = format.encode<Key>(key);
    const auto given = sample<std::string>(random);
    const auto more = sample<std::string>(random);

    const auto one = format.encode_prefix<Key>(given);
    CHECK(begins_with(stored.bytes(), one.bytes()) == (first == given));
    const auto two = format.encode_prefix<Key>(given, more);
    CHECK(begins_with(stored.bytes(), two.bytes()) == (first == given && second == more));
    const auto start = format.encode_prefix<Key>(starts_with(given));
    CHECK(begins_with(stored.bytes(), start.bytes()) == first.starts_with(given));
    const auto second_start = format.encode_prefix<Key>(given, starts_with(more));
    CHECK(begins_with(stored.bytes(), second_start.bytes()) ==
          (first == given && second.starts_with(more)));
  }
}

TEST_CASE("prefixes of strings, and of strings that end a key") {
  using Key = std::pair<std::uint8_t, std::string>;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const auto text = sample<std::string>(random);
    const auto given = sample<std::string>(random);
    const auto alone = format.encode_prefix<std::string>(given);
    CHECK(begins_with(as_bytes(text), alone.bytes()) == text.starts_with(given));
    const auto last = format.encode_prefix<Key>(7, starts_with(given));
    const auto stored = format.encode<Key>({7, text});
    CHECK(begins_with(stored.bytes(), last.bytes()) == text.starts_with(given));
  }
}

// Law: what would select other keys than it says is refused when it is compiled.
using Name = std::tuple<std::string, std::uint32_t>;
static_assert(PrefixOf<Name, std::string_view> && PrefixOf<Name, StartsWith>);
static_assert(!PrefixOf<Name, std::string, std::uint32_t>, "all fields are a key, not a prefix");
static_assert(!PrefixOf<Name, StartsWith, std::uint32_t>, "only the last field may be begun");
static_assert(!PrefixOf<std::tuple<std::uint32_t, bool>, StartsWith>, "numbers have no beginnings");
static_assert(!PrefixOf<std::uint32_t, std::uint32_t> && !PrefixOf<Name> && !PrefixOf<Name, int*>);

// Law: keys of a fixed size, strings and bytes take nothing from the heap.
static_assert(std::is_trivially_copyable_v<decltype(format.encode<std::uint64_t>(1))>);
static_assert(
    std::same_as<decltype(format.encode<std::pair<bool, std::uint16_t>>({})), FixedKey<3>>);
static_assert(std::same_as<decltype(format.encode<std::string>("")), BorrowedKey>);

}  // namespace
}  // namespace quire::test
