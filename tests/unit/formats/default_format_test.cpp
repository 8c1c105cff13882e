#include "quire/formats/default_format.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>

namespace quire::test {
namespace {

struct Point {
  int x, y;
};

struct Place {
  double latitude, longitude;
};
QUIRE_DESCRIBE(Place, latitude, longitude)

template <class V, class Format>
constexpr bool is_default = std::same_as<DefaultValueFormat<V>, Format>;

static_assert(is_default<std::string, TextFormat> && is_default<std::string_view, TextFormat>);
static_assert(is_default<ByteString, RawFormat> && is_default<Bytes, RawFormat>);
static_assert(is_default<Empty, EmptyFormat> && is_default<std::monostate, EmptyFormat>);
static_assert(is_default<Point, PlainFormat> && is_default<double, PlainFormat>);
static_assert(is_default<std::unique_ptr<int>, NoDefaultFormat> &&
              is_default<int*, NoDefaultFormat>);
static_assert(std::same_as<DefaultKeyFormat<std::string>, OrderedFormat>);
static_assert(std::same_as<DefaultKeyFormat<Place>, OrderedFormat>);
static_assert(std::same_as<DefaultKeyFormat<Descending<std::optional<double>>>, OrderedFormat>);
static_assert(std::same_as<DefaultKeyFormat<Uuid>, OrderedFormat>);
static_assert(std::same_as<DefaultKeyFormat<Point>, NoDefaultFormat>);

// Law: the formats chosen by type never change, because files say them.
TEST_CASE("golden descriptors of the formats chosen by type") {
  CHECK(DefaultKeyFormat<ByteString>{}.descriptor<ByteString>() == "bytes");
  CHECK(DefaultKeyFormat<Place>{}.descriptor<Place>() ==
        "struct(Place,latitude:f64,longitude:f64)");
  CHECK(DefaultValueFormat<ByteString>{}.descriptor<ByteString>() == "raw");
  CHECK(DefaultValueFormat<std::string>{}.descriptor<std::string>() == "text");
  CHECK(DefaultValueFormat<Empty>{}.descriptor<Empty>() == "empty");
  CHECK(DefaultValueFormat<Point>{}.descriptor<Point>() == "plain(size=8,align=4)");
}

}  // namespace
}  // namespace quire::test
