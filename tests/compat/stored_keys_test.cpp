// The stored forms of keys never change: the examples of docs/file-format.md against the code.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

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

struct Point {
  std::int16_t x = 0;
  std::int16_t y = 0;
};
QUIRE_DESCRIBE(Point, x, y)

/// By the two columns that say what is stored.
using Forms = std::map<std::pair<std::string, std::string>, std::string>;

Forms documented_forms() {
  Forms forms;
  for (const TableRow& row : FormatDocument().rows_of("value"))
    forms[{row.at(0), row.at(1)}] = row.at(2);
  return forms;
}

/// A line of the table: the code says what the type is called and how the value is stored.
template <class K>
std::pair<const std::pair<std::string, std::string>, std::string> line(
    const std::string& value, const typename OrderedCode<K>::Argument& key) {
  return {{value, OrderedFormat{}.descriptor<K>()}, stored<K>(key)};
}

Forms scalars_of_the_code() {
  using std::chrono::days;
  return {
      line<bool>("false", false),
      line<std::uint16_t>("258", 258),
      line<std::uint32_t>("66051", 66051),
      line<std::uint64_t>("1", 1),
      line<std::int8_t>("-1", -1),
      line<std::int32_t>("0", 0),
      line<std::int64_t>("-2", -2),
      line<UnsignedInt128>("258", 258),
      line<Int128>("-2", -2),
      line<float>("1.5", 1.5F),
      line<float>("-1.5", -1.5F),
      line<double>("0", 0.0),
      line<double>("-0", -0.0),
      line<double>("infinity", std::numeric_limits<double>::infinity()),
      line<std::chrono::sys_days>("1970-01-02", std::chrono::sys_days(days(1))),
      line<std::chrono::sys_time<std::chrono::nanoseconds>>(
          "1969-12-31 23:59:59", std::chrono::sys_seconds(std::chrono::seconds(-1))),
      line<std::chrono::milliseconds>("1000 ms", std::chrono::seconds(1)),
      line<Uuid>("01234567-89ab-cdef-0123-456789abcdef",
                 Uuid::parse("01234567-89ab-cdef-0123-456789abcdef").value()),
  };
}

Forms others_of_the_code() {
  using Text = std::string;
  using Number = std::uint8_t;
  const Number seven = 7;
  const std::vector<std::uint16_t> numbers{1, 2};
  const std::array<Text, 2> letters{"a", "b"};
  const std::vector<Text> texts{"a", ""};
  return {
      line<Text>("\"ab\"", "ab"),
      line<std::tuple<Text, Number>>("(\"ab\", 7)", {"ab", seven}),
      line<std::tuple<Text, Number>>("(\"a\\0b\", 7)", {std::string_view("a\0b", 3), seven}),
      line<std::tuple<Number, Text>>("(7, \"ab\")", {seven, "ab"}),
      line<std::tuple<Text, Text>>("(\"\", \"\")", {"", ""}),
      line<std::optional<Text>>("nothing", {}),
      line<std::optional<Text>>("\"ab\"", "ab"),
      line<std::tuple<std::optional<Text>, Number>>("(\"ab\", 7)", {"ab", seven}),
      line<std::array<std::uint16_t, 2>>("[1, 2]", {1, 2}),
      line<std::array<Text, 2>>("[\"a\", \"b\"]", letters),
      line<std::vector<std::uint16_t>>("[]", {}),
      line<std::vector<std::uint16_t>>("[1, 2]", numbers),
      line<std::vector<Text>>("[\"a\", \"\"]", texts),
      line<Point>("Point(1, -1)", {1, -1}),
      line<Descending<std::uint16_t>>("1", Descending(std::uint16_t{1})),
      line<Descending<Text>>("\"ab\"", Descending(std::string_view("ab"))),
      line<std::tuple<Text, Descending<Number>, Text>>("(\"a\", 1, \"b\")",
                                                       {"a", Descending(Number{1}), "b"}),
  };
}

Forms forms_of_the_code() {
  Forms forms = scalars_of_the_code();
  forms.merge(others_of_the_code());
  return forms;
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

// These bytes lie in people's files, too.
TEST_CASE("stored floating point keys at the ends of their ranges") {
  using Limits = std::numeric_limits<double>;
  CHECK(stored<double>(-Limits::quiet_NaN()) == "00 07 ff ff ff ff ff ff");
  CHECK(stored<double>(-Limits::infinity()) == "00 0f ff ff ff ff ff ff");
  CHECK(stored<double>(Limits::lowest()) == "00 10 00 00 00 00 00 00");
  CHECK(stored<double>(-Limits::denorm_min()) == "7f ff ff ff ff ff ff fe");
  CHECK(stored<double>(Limits::denorm_min()) == "80 00 00 00 00 00 00 01");
  CHECK(stored<double>(Limits::max()) == "ff ef ff ff ff ff ff ff");
  CHECK(stored<double>(Limits::quiet_NaN()) == "ff f8 00 00 00 00 00 00");
}

}  // namespace
}  // namespace quire::test
