#include "quire/formats/plain.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>

namespace quire::test {
namespace {

struct Reading {
  double value;
  std::int32_t sensor;
  std::uint32_t flags;
};
struct Named {
  std::uint16_t number;
};
struct alignas(64) Wide {
  std::array<float, 16> lanes;
};
struct Guarded {
  bool is_on;
  std::uint8_t level;
};
struct alignas(128) TooWide {
  int x;
};

}  // namespace
}  // namespace quire::test

template <>
inline constexpr std::string_view quire::type_name<quire::test::Named> = "Named";

template <>
inline constexpr bool (*quire::is_valid_plain<quire::test::Guarded>)(quire::Bytes) =
    [](quire::Bytes stored) { return stored.front() <= std::byte{1}; };

namespace quire::test {
namespace {

const PlainFormat format;

/// Bytes at an address of alignment 64, or beside it.
struct alignas(64) Room {
  std::array<std::byte, 192> bytes{};
  [[nodiscard]] Bytes at(std::size_t offset, std::size_t size) const {
    return Bytes(bytes).subspan(offset, size);
  }
};

TEST_CASE("a plain value is read in place") {
  const Reading reading{2.5, -7, 1};
  Room room;
  copy_bytes(room.bytes.data(), format.stored_bytes<Reading>(reading));
  const Bytes stored = room.at(0, sizeof(Reading));
  REQUIRE(format.check<Reading>(stored).has_value());
  const Reading& view = format.view<Reading>(stored);
  CHECK(static_cast<const void*>(&view) == stored.data());
  CHECK(view.value == 2.5);
  CHECK(view.sensor == -7);
  CHECK(view.flags == 1);
}

// Law: every size but the right one, and every address but an aligned one, is refused.
TEST_CASE("untrusted bytes are checked for size and alignment") {
  const Room room;
  for (std::size_t size = 0; size <= 32; ++size) {
    CHECK(format.check<Reading>(room.at(0, size)).has_value() == (size == sizeof(Reading)));
  }
  for (std::size_t offset = 0; offset <= 64; ++offset) {
    CAPTURE(offset);
    CHECK(format.check<Reading>(room.at(offset, sizeof(Reading))).has_value() == (offset % 8 == 0));
    CHECK(format.check<Wide>(room.at(offset, sizeof(Wide))).has_value() == (offset % 64 == 0));
    CHECK(format.check<std::uint16_t>(room.at(offset, 2)).has_value() == (offset % 2 == 0));
  }
}

TEST_CASE("of types without rules, any bytes of the size are a value") {
  Room room;
  for (const int byte : {0x00, 0x01, 0x7F, 0xFF}) {
    CAPTURE(byte);
    room.bytes.fill(std::byte(byte));
    CHECK(format.check<Reading>(room.at(0, sizeof(Reading))).has_value());
    CHECK(format.check<double>(room.at(0, sizeof(double))).has_value());
  }
  static_assert(ChecksSizeOnly<PlainFormat, Reading> && ChecksSizeOnly<PlainFormat, double>);
  static_assert(!ChecksSizeOnly<PlainFormat, bool> && !ChecksSizeOnly<PlainFormat, Guarded>);
  struct Stricter : PlainFormat {};
  static_assert(ValueFormat<Stricter, double> && !ChecksSizeOnly<Stricter, double>);
}

TEST_CASE("values that are no bool, and what a user's own rule refuses, are corrupt") {
  Room room;
  room.bytes[0] = std::byte{1};
  CHECK(format.check<bool>(room.at(0, 1)).has_value());
  CHECK(format.check<Guarded>(room.at(0, 2)).has_value());
  room.bytes[0] = std::byte{2};
  CHECK(format.check<bool>(room.at(0, 1)).error().code() == ErrorCode::corrupt);
  CHECK(format.check<Guarded>(room.at(0, 2)).error().detail() ==
        "a value of 2 bytes is no plain(size=2,align=1)");
}

TEST_CASE("golden descriptors of plain values") {
  CHECK(format.descriptor<std::uint32_t>() == "plain(u32)");
  CHECK(format.descriptor<double>() == "plain(f64)");
  CHECK(format.descriptor<Reading>() == "plain(size=16,align=8)");
  CHECK(format.descriptor<Named>() == "plain(Named,size=2,align=2)");
  CHECK(format.alignment<Wide>() == 64);
}

// Law: what refers to other memory, or needs more alignment than a page gives, is refused when it
// is compiled.
static_assert(!PlainValue<std::string> && !PlainValue<int*> && !PlainValue<int Reading::*> &&
              !PlainValue<TooWide> && !PlainValue<int[2]> && !PlainValue<std::nullptr_t> &&
              !PlainValue<const int> && !PlainValue<std::wstring_view>);

}  // namespace
}  // namespace quire::test
