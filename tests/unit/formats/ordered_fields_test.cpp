#include "quire/formats/ordered_fields.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

struct Filing {
  std::string company;
  std::chrono::sys_days day;
  std::optional<std::string> form;
};
QUIRE_DESCRIBE(Filing, company, day, form)

/// With the same fields, and other names.
struct Report {
  std::string author;
  std::chrono::sys_days day;
  std::optional<std::string> form;
};
QUIRE_DESCRIBE(Report, author, day, form)

/// Not in the order in which they are declared.
struct Point {
  std::int16_t x = 0;
  std::int16_t y = 0;
};
QUIRE_DESCRIBE(Point, y, x)

struct Route {
  Point from;
  std::vector<Point> over;
  Descending<std::string> name;
};
QUIRE_DESCRIBE(Route, from, over, name)

struct NoKey {
  int* pointer = nullptr;
};
QUIRE_DESCRIBE(NoKey, pointer)

TEST_CASE("ordered codes keep the order of tuples, field by field") {
  using Text = std::string;
  check_laws_of_each<std::tuple<Text>, std::tuple<Text, Text>, std::tuple<std::uint32_t, Text>,
                     std::tuple<std::int8_t, bool, Uuid>, std::pair<std::vector<std::byte>, Text>,
                     std::tuple<Text, std::tuple<bool, std::pair<Text, double>>, Text>>();
}

TEST_CASE("ordered codes keep the order of described structs, field by field") {
  check_laws_of_each<Filing, Point, Route, std::vector<Filing>>();
}

// Law: a prefix begins the stored forms of the keys with these leading fields, and of no others.
TEST_CASE("prefixes over leading fields of any type select the keys that have them") {
  using Text = std::string;
  check_prefixes_of_each<
      std::tuple<Text, double, Text>, std::tuple<std::optional<Text>, bool, Text>,
      std::tuple<std::vector<Text>, std::uint8_t>, std::tuple<std::array<Text, 2>, Text, Text>,
      std::tuple<Descending<Text>, Descending<std::uint16_t>, Text>,
      std::tuple<std::pair<Text, bool>, std::chrono::nanoseconds, Uuid>, std::tuple<Filing, Text>,
      std::pair<std::optional<Point>, Text>>();
}

TEST_CASE("prefixes over leading fields of described structs") {
  check_prefixes_of_each<Filing, Point, Route>();
}

TEST_CASE("a prefix may give the beginning of a field of a struct") {
  const OrderedFormat format;
  const std::chrono::sys_days day{std::chrono::days(9)};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Filing filing{sample<std::string>(random), day,
                        sample<std::optional<std::string>>(random)};
    const auto given = sample<std::string>(random);
    const auto first = format.encode_prefix<Filing>(starts_with(given));
    CHECK(begins_with(encoded<Filing>(filing), first.bytes()) == filing.company.starts_with(given));
    const auto last = format.encode_prefix<Filing>(filing.company, day, starts_with(given));
    CHECK(begins_with(encoded<Filing>(filing), last.bytes()) ==
          (filing.form && filing.form->starts_with(given)));
  }
}

// Law: renamed or reordered fields, and another name, are another descriptor.
TEST_CASE("descriptors of structs name their fields") {
  const OrderedFormat format;
  CHECK(format.descriptor<Filing>() ==
        "struct(Filing,company:string,day:time(system,i64,86400/1),form:optional(string))");
  CHECK(format.descriptor<Report>() ==
        "struct(Report,author:string,day:time(system,i64,86400/1),form:optional(string))");
  CHECK(format.descriptor<Point>() == "struct(Point,y:i16,x:i16)");
  CHECK(format.descriptor<Route>() ==
        "struct(Route,from:struct(Point,y:i16,x:i16),over:list(struct(Point,y:i16,x:i16)),"
        "name:desc(string))");
}

// Law: a struct is stored like a tuple of its fields, in the order that was described.
TEST_CASE("structs are stored as their fields are") {
  const Filing filing{"Apple", std::chrono::sys_days{std::chrono::days(1)}, "10-K"};
  CHECK(encoded<Filing>(filing) ==
        encoded<std::tuple<std::string, std::chrono::sys_days, std::optional<std::string>>>(
            fields_of(filing)));
  CHECK(encoded<Point>({.x = 1, .y = 2}) ==
        encoded<std::pair<std::int16_t, std::int16_t>>({std::int16_t{2}, std::int16_t{1}}));
}

// Law: fields that may be long are not copied to be looked up.
using Long = std::tuple<Filing, std::vector<Filing>, std::string>;
static_assert(std::same_as<OrderedFormat::Argument<Long>,
                           std::tuple<const Filing&, std::span<const Filing>, std::string_view>>);
static_assert(
    std::same_as<OrderedFormat::Argument<std::pair<Point, bool>>, std::pair<Point, bool>>);

static_assert(OrderedKeyFormat<OrderedFormat, Filing> && !OrderedKey<NoKey>);
static_assert(OrderedCode<Point>::fixed_size == 4);
static_assert(PrefixOf<Filing, const char*> && PrefixOf<Filing, StartsWith> &&
              PrefixOf<Filing, std::string, std::chrono::sys_days>);
static_assert(!PrefixOf<Filing, std::chrono::sys_days> && !PrefixOf<Point, StartsWith>);

}  // namespace
}  // namespace quire::test
