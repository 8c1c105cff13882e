// The stored forms of keys never change: the examples of docs/file-format.md against the code.
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <tuple>

#include "format_document.hpp"
#include "quire/formats/ordered.hpp"

namespace quire::test {
namespace {

std::string hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    if (!text.empty()) text += ' ';
    text += digits[std::to_integer<std::size_t>(byte) / 16];
    text += digits[std::to_integer<std::size_t>(byte) % 16];
  }
  return text;
}

template <class K>
std::string stored(const typename OrderedCode<K>::Argument& key) {
  const auto encoded = OrderedFormat{}.encode<K>(key);
  return hex(encoded.bytes());
}

/// By the two columns that say what is stored.
using Forms = std::map<std::pair<std::string, std::string>, std::string>;

Forms documented_forms() {
  Forms forms;
  for (const TableRow& row : FormatDocument().rows_of("value"))
    forms[{row.at(0), row.at(1)}] = row.at(2);
  return forms;
}

Forms forms_of_the_code() {
  using Text = std::string;
  using Zeros = std::tuple<Text, std::uint8_t>;
  const std::string with_zero("a\0b", 3);
  return {
      {{"false", "bool"}, stored<bool>(false)},
      {{"258", "u16"}, stored<std::uint16_t>(258)},
      {{"66051", "u32"}, stored<std::uint32_t>(66051)},
      {{"1", "u64"}, stored<std::uint64_t>(1)},
      {{"-1", "i8"}, stored<std::int8_t>(-1)},
      {{"0", "i32"}, stored<std::int32_t>(0)},
      {{"-2", "i64"}, stored<std::int64_t>(-2)},
      {{"\"ab\"", "string"}, stored<Text>("ab")},
      {{"(\"ab\", 7)", "tuple(string,u8)"}, stored<Zeros>({"ab", std::uint8_t{7}})},
      {{"(\"a\\0b\", 7)", "tuple(string,u8)"}, stored<Zeros>({with_zero, std::uint8_t{7}})},
      {{"(7, \"ab\")", "tuple(u8,string)"},
       stored<std::tuple<std::uint8_t, Text>>({std::uint8_t{7}, "ab"})},
      {{"(\"\", \"\")", "tuple(string,string)"}, stored<std::tuple<Text, Text>>({"", ""})},
  };
}

TEST_CASE("the documented examples of stored keys are what the code stores") {
  const Forms documented = documented_forms();
  const Forms code = forms_of_the_code();
  CHECK(documented.size() == code.size());
  for (const auto& [what, form] : code) {
    CAPTURE(what.first);
    CAPTURE(what.second);
    REQUIRE(documented.contains(what));
    CHECK(documented.at(what) == form);
  }
}

// These bytes lie in people's files. If this fails, the code is wrong, not the table.
TEST_CASE("stored keys at the ends of their ranges") {
  using Limits64 = std::numeric_limits<std::int64_t>;
  CHECK(stored<bool>(true) == "01");
  CHECK(stored<std::uint8_t>(255) == "ff");
  CHECK(stored<std::uint64_t>(0x0102030405060708) == "01 02 03 04 05 06 07 08");
  CHECK(stored<std::int8_t>(-128) == "00");
  CHECK(stored<std::int16_t>(-32768) == "00 00");
  CHECK(stored<std::int16_t>(32767) == "ff ff");
  CHECK(stored<std::int64_t>(Limits64::min()) == "00 00 00 00 00 00 00 00");
  CHECK(stored<std::int64_t>(Limits64::max()) == "ff ff ff ff ff ff ff ff");
  CHECK(stored<std::array<unsigned char, 3>>({0, 255, 1}) == "00 ff 01");
  CHECK(stored<std::string>(std::string_view("\0\xff", 2)) == "00 ff");
  CHECK(stored<std::pair<std::string, std::string>>({std::string_view("\0", 1), "z"}) ==
        "00 ff 00 00 7a");
}

}  // namespace
}  // namespace quire::test
