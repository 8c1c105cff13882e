// Keys that kvtool shows and reads by their descriptors, against those that the library stores.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "quire/quire.hpp"
#include "tools/typed_code.hpp"
#include "unit/tools/sample_tables.hpp"

namespace kvtool::test {

namespace {

/// Law: a stored key is shown as this JSON, and that is stored as the same key.
template <class K>
void check_shown(const K& key, std::string_view expected) {
  CAPTURE(expected);
  const quire::OrderedFormat format;
  const auto descriptor = parse_descriptor(format.descriptor<K>());
  REQUIRE(descriptor);
  const auto code = code_of(Side::key, *descriptor);
  REQUIRE(code);
  const auto encoded = format.encode<K>(key);
  const auto shown = code->decode(encoded.bytes());
  REQUIRE(shown);
  CHECK(to_text(*shown) == expected);
  const auto again = code->encode(parse_json(expected).value());
  REQUIRE_MESSAGE(again, again.error().message);
  CHECK(quire::equal(*again, encoded.bytes()));
}

TEST_CASE("numbers, times and UUIDs are shown and read") {
  check_shown(std::int32_t{-7}, "-7");
  check_shown(1.5, "1.5");
  check_shown(-2.25F, "-2.25");
  check_shown(-0.0, "-0.0");
  check_shown(quire::Int128{-5}, R"("-5")");
  check_shown(~quire::UnsignedInt128{0}, R"("340282366920938463463374607431768211455")");
  check_shown(std::chrono::seconds(-3), "-3");
  check_shown(std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000)), "1700000000");
  check_shown(quire::Uuid::parse("01234567-89ab-cdef-0123-456789abcdef").value(),
              R"("01234567-89ab-cdef-0123-456789abcdef")");
}

TEST_CASE("what has parts is shown and read") {
  using Strings = std::vector<std::string>;
  check_shown(std::optional<std::string>("a"), R"("a")");
  check_shown(std::optional<std::string>(), "null");
  check_shown(std::optional<std::optional<bool>>(std::in_place, std::nullopt), R"({"some":null})");
  check_shown(Strings{"a", std::string("b\0c", 3), ""}, R"(["a","b\u0000c",""])");
  check_shown(Strings{}, "[]");
  check_shown(std::array<std::uint16_t, 3>{1, 2, 3}, "[1,2,3]");
  check_shown(std::tuple(std::string("a"), quire::Descending<std::string>{"b"}, true),
              R"(["a","b",true])");
  check_shown(Place{"Bern", 7, quire::Descending<std::int16_t>(-3)},
              R"({"city":"Bern","street":7,"rank":-3})");
  check_shown(std::tuple(Place{"", {}, quire::Descending<std::int16_t>(5)}, std::uint8_t{1}),
              R"([{"city":"","street":null,"rank":5},1])");
}

TEST_CASE("bytes that are no such key, and JSON that is none, are refused") {
  const auto code_for = [](const char* text) {
    return code_of(Side::key, parse_descriptor(text).value());
  };
  const std::array<std::byte, 2> bad_marker = {std::byte{2}, std::byte{0}};
  CHECK_FALSE(code_for("optional(u8)")->decode(bad_marker));
  const std::array<std::byte, 2> without_end = {std::byte{1}, std::byte{0}};
  CHECK_FALSE(code_for("list(u8)")->decode(without_end));
  const auto place = code_for("struct(Place,city:string,street:u32)");
  for (const char* json : {R"({"city":"a"})", R"({"city":"a","road":1})", R"(["a",1])", "7"})
    CHECK_FALSE(place->encode(parse_json(json).value()));
  CHECK_FALSE(code_for("list(unknown)"));
}

}  // namespace
}  // namespace kvtool::test
