// Described plain structs: what their descriptors say, and which bytes are values of them.
#include "quire/formats/plain_fields.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "quire/formats/plain.hpp"

namespace quire::test {
namespace {

enum class Color : std::uint8_t { red, green };
QUIRE_DESCRIBE_ENUM(Color, red, green)

struct Point {
  std::int32_t x, y;
};
QUIRE_DESCRIBE(Point, x, y)

struct Unknown {
  std::int16_t left, right;
};

/// One field of each kind, with padding between them.
struct Everything {
  std::uint8_t small;
  double number;
  Color color;
  bool is_on;
  char letter;
  char name[6];  // NOLINT(modernize-avoid-c-arrays): they are fields, too
  std::array<char, 3> code;
  std::array<std::byte, 5> hash;
  float matrix[2][3];  // NOLINT(modernize-avoid-c-arrays)
  std::array<Point, 2> line;
  Unknown unknown;
};
QUIRE_DESCRIBE(Everything, small, number, color, is_on, letter, name, code, hash, matrix, line,
               unknown)

struct Switches {
  std::uint32_t count;
  std::array<bool, 2> states;
};
QUIRE_DESCRIBE(Switches, count, states)

struct Percent {
  std::uint8_t value;
};

/// A described struct in one, with a rule of its own, and a field that has one.
struct Panel {
  std::uint8_t least;
  Percent level;
  Switches rows[2];  // NOLINT(modernize-avoid-c-arrays)
};
QUIRE_DESCRIBE(Panel, least, level, rows)

struct Renamed {
  std::uint16_t number;
};
QUIRE_DESCRIBE(Renamed, number)

struct Referring {
  std::array<Point*, 2> points;
};
QUIRE_DESCRIBE(Referring, points)

}  // namespace
}  // namespace quire::test

template <>
inline constexpr std::string_view quire::type_name<quire::test::Renamed> = "my::Name";

template <>
inline constexpr bool (*quire::is_valid_plain<quire::test::Percent>)(quire::Bytes) =
    [](quire::Bytes stored) { return stored.front() <= std::byte{100}; };

template <>
inline constexpr bool (*quire::is_valid_plain<quire::test::Panel>)(quire::Bytes) =
    [](quire::Bytes stored) {
      const auto& panel = quire::object_in<quire::test::Panel>(stored);
      return panel.level.value >= panel.least;
    };

namespace quire::test {
namespace {

const PlainFormat format;

TEST_CASE("golden descriptors of described structs") {
  CHECK(format.descriptor<Point>() == "plain(Point,size=8,align=4,0:x:i32,4:y:i32)");
  CHECK(format.descriptor<Renamed>() == "plain(my::Name,size=2,align=2,0:number:u16)");
  CHECK(format.descriptor<Everything>() ==
        "plain(Everything,size=80,align=8,0:small:u8,8:number:f64,16:color:enum(Color,u8),"
        "17:is_on:bool,18:letter:char,19:name:array(char,6),25:code:array(char,3),"
        "28:hash:bytes(5),36:matrix:array(array(f32,3),2),"
        "60:line:array(struct(Point,size=8,align=4,0:x:i32,4:y:i32),2),"
        "76:unknown:plain(size=4,align=2))");
}

TEST_CASE("descriptors of what is not described are as they were") {
  CHECK(format.descriptor<Unknown>() == "plain(size=4,align=2)");
  CHECK(format.descriptor<Percent>() == "plain(size=1,align=1)");
  CHECK(format.descriptor<std::array<char, 16>>() == "plain(size=16,align=1)");
  CHECK(format.descriptor<char>() == "plain(size=1,align=1)");
}

/// A value with one of its bytes replaced.
template <class T>
bool takes(T value, std::size_t at, int byte) {
  MutableBytes bytes = std::as_writable_bytes(std::span(&value, 1));
  bytes[at] = static_cast<std::byte>(byte);
  return format.check<T>(bytes).has_value();
}

// Law: exactly those bytes that make a bool neither 0 nor 1 are refused, wherever it is.
TEST_CASE("a bool anywhere in a described struct is checked") {
  const Panel panel{0, {0}, {{7, {true, false}}, {7, {false, true}}}};
  constexpr std::size_t rows = offsetof(Panel, rows);
  for (std::size_t at = rows; at < sizeof(Panel); ++at) {
    CAPTURE(at);
    const std::size_t in_row = (at - rows) % sizeof(Switches);
    const bool is_bool = in_row == 4 || in_row == 5;
    CHECK(takes(panel, at, 1));
    CHECK(takes(panel, at, 2) == !is_bool);
    CHECK(takes(panel, at, 255) == !is_bool);
  }
  CHECK_FALSE(takes(std::array{true, true}, 1, 3));
}

TEST_CASE("the rules of a struct and of its fields hold together") {
  const Panel panel{10, {50}, {}};
  CHECK(takes(panel, 1, 100));
  CHECK_FALSE(takes(panel, 1, 101));
  CHECK_FALSE(takes(panel, 0, 51));
}

// Law: what has no rule costs no check.
static_assert(!detail::has_plain_rule<Point>() && !detail::has_plain_rule<Unknown>());
static_assert(detail::has_plain_rule<Panel>() && detail::has_plain_rule<Everything>());

// Law: fields that refer to other memory are refused like values that do.
static_assert(!PlainValue<Referring> && PlainValue<Everything>);

}  // namespace
}  // namespace quire::test
