#include "quire/formats/names.hpp"

#include <doctest/doctest.h>

namespace quire::test {
namespace {
enum class Color : std::uint8_t { red };
enum class Shape : std::int16_t { round };
enum class Size : std::uint16_t { small };
QUIRE_DESCRIBE_ENUM(Size, small)
enum class Taste : std::uint8_t { sweet };
QUIRE_DESCRIBE_ENUM(Taste, sweet)
struct Point {
  int x;
};
enum Unfixed { one, two };
}  // namespace
}  // namespace quire::test

template <>
inline constexpr std::string_view quire::type_name<quire::test::Shape> = "Shape";
template <>
inline constexpr std::string_view quire::type_name<quire::test::Taste> = "Flavour";

namespace quire::test {
namespace {

TEST_CASE("scalars are named by what is stored") {
  CHECK(scalar_name<std::uint8_t>() == "u8");
  CHECK(scalar_name<std::int16_t>() == "i16");
  CHECK(scalar_name<unsigned>() == "u32");
  CHECK(scalar_name<long>() == "i64");
  CHECK(scalar_name<float>() == "f32");
  CHECK(scalar_name<double>() == "f64");
  CHECK(scalar_name<bool>() == "bool");
  CHECK(scalar_name<Color>() == "enum(u8)");
  CHECK(scalar_name<Shape>() == "enum(Shape,i16)");
  CHECK(scalar_name<Point>().empty());
}

TEST_CASE("an enum has the name of its description, unless another is given") {
  CHECK(scalar_name<Size>() == "enum(Size,u16)");
  CHECK(scalar_name<Taste>() == "enum(Flavour,u8)");
}

TEST_CASE("names cannot break a descriptor") {
  CHECK(is_descriptor_name("Company-2.x_y::Z"));
  for (const char* name : {"a,b", "a(b", "a)", "a b", "a\n", "\xC3\xA9"}) {
    CHECK_FALSE(is_descriptor_name(name));
  }
}

static_assert(FixedEnum<Color> && !FixedEnum<Unfixed> && !Integer<char> && !Integer<bool>);

}  // namespace
}  // namespace quire::test
