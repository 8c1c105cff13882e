#include "quire/formats/ordered_sequence.hpp"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

TEST_CASE("ordered codes keep the order of what may be missing") {
  check_laws_of_each<std::optional<std::uint16_t>, std::optional<std::string>,
                     std::optional<std::optional<std::string>>>();
}

TEST_CASE("ordered codes keep the order of arrays") {
  check_laws_of_each<std::array<double, 2>, std::array<std::string, 3>,
                     std::array<std::optional<bool>, 2>>();
}

TEST_CASE("ordered codes keep the order of lists") {
  check_laws_of_each<std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<std::string>,
                     std::vector<std::vector<std::string>>>();
}

// Law: nothing comes before any value, and a list before the longer ones that it begins.
TEST_CASE("nothing comes first") {
  const auto is_before = [](const auto& left, const auto& right) {
    return compare(left, right) < 0;
  };
  using Maybe = std::optional<std::string>;
  CHECK(is_before(encoded<Maybe>(std::nullopt), encoded<Maybe>("")));
  using List = std::vector<std::uint32_t>;
  CHECK(is_before(encoded<List>(List{}), encoded<List>(List{0})));
  CHECK(is_before(encoded<List>(List{1}), encoded<List>(List{1, 0})));
  CHECK(is_before(encoded<List>(List{1, 0}), encoded<List>(List{2})));
}

// Law: a marker is 0 or 1.
TEST_CASE("other markers are corrupt") {
  const OrderedFormat format;
  for (int marker = 2; marker < 256; ++marker) {
    const std::vector<std::byte> stored{static_cast<std::byte>(marker), std::byte{0}};
    CHECK(format.decode<std::optional<bool>>(stored).error().code() == ErrorCode::corrupt);
    CHECK(format.decode<std::vector<std::int8_t>>(stored).error().code() == ErrorCode::corrupt);
  }
}

TEST_CASE("descriptors of sequences") {
  const OrderedFormat format;
  CHECK(format.descriptor<std::optional<std::string>>() == "optional(string)");
  CHECK(format.descriptor<std::array<float, 4>>() == "array(f32,4)");
  CHECK(format.descriptor<std::array<std::array<std::byte, 4>, 2>>() == "array(bytes(4),2)");
  CHECK(format.descriptor<std::vector<std::optional<std::uint8_t>>>() == "list(optional(u8))");
  CHECK(format.descriptor<std::vector<unsigned char>>() == "bytes");
}

static_assert(!OrderedKey<std::vector<bool>> && !OrderedKey<std::optional<char>> &&
              !OrderedKey<std::array<int, 0>> && !OrderedKey<std::vector<int*>>);

}  // namespace
}  // namespace quire::test
