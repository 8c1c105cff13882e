// The vectors of the rkyv crate: read, checked, and written again to the same bytes.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "archives/manifest.hpp"
#include "archives/rust_type.hpp"
#include "quire/formats/rkyv/check.hpp"
#include "tools/archive_json.hpp"
#include "tools/typed_code.hpp"

namespace quire::test {
namespace {

using kvtool::Json;

TEST_CASE("the types of the vectors have the size, alignment and offsets that Rust gives them") {
  for (const auto& [name, type] : manifest().json()["types"].items()) {
    CAPTURE(name);
    const auto schema = manifest().schema(name);
    CHECK(schema->root().extent.size == type["size"].get<std::uint64_t>());
    CHECK(schema->root().extent.align == type["align"].get<std::uint64_t>());
    if (!type.contains("fields")) continue;
    REQUIRE(schema->root().parts.size() == type["fields"].size());
    for (std::size_t index = 0; index < type["fields"].size(); ++index)
      CHECK(schema->root().parts[index].offset == type["fields"][index][2].get<std::uint64_t>());
  }
}

TEST_CASE("every vector is valid, shows its value and is written again to the same bytes") {
  for (const Json& each : manifest().json()["cases"]) {
    CAPTURE(each["name"].get<std::string>());
    const auto schema = manifest().schema(each["type"]);
    const auto archive = manifest().file(each["file"]);
    REQUIRE(rkyv::check(*schema, archive));
    const Json expected = as_shown(schema->root(), each["value"]);
    const Json shown = kvtool::read_archive(*schema, archive);
    const auto written = kvtool::write_archive(*schema, expected);
    REQUIRE_MESSAGE(written, written.error().message);
    CHECK(equal(*written, archive));
    const auto again = kvtool::write_archive(*schema, shown);
    REQUIRE_MESSAGE(again, again.error().message);
    CHECK(equal(*again, archive));
    // Hash tables are shown in an order of their own.
    CHECK(letters_of(shown) == letters_of(expected));
    const bool has_hash_table =
        description_of(each["type"].get<std::string>(), manifest().json()["types"]).find("hash_") !=
        std::string::npos;
    if (!has_hash_table) CHECK(kvtool::to_text(shown) == kvtool::to_text(expected));
  }
}

// Law: what kvtool shows of an archive is written again to the same bytes.
TEST_CASE("kvtool shows and writes archives by their descriptors") {
  for (const Json& each : manifest().json()["cases"]) {
    CAPTURE(each["name"].get<std::string>());
    const std::string type =
        description_of(each["type"].get<std::string>(), manifest().json()["types"]);
    const auto descriptor = kvtool::parse_descriptor("rkyv(" + type + ")");
    REQUIRE(descriptor);
    const auto code = kvtool::code_of(kvtool::Side::value, *descriptor);
    REQUIRE(code);
    const auto archive = manifest().file(each["file"]);
    const auto shown = code->decode(archive);
    REQUIRE(shown);
    const auto parsed = kvtool::parse_json(kvtool::to_text(*shown));
    REQUIRE(parsed);
    const auto written = code->encode(*parsed);
    REQUIRE_MESSAGE(written, written.error().message);
    CHECK(equal(*written, archive));
  }
}

TEST_CASE("kvtool says what is wrong with a value that it is to write") {
  const auto write = [](std::string_view type, std::string_view json) {
    const auto descriptor = kvtool::parse_descriptor(type).value();
    return kvtool::code_of(kvtool::Side::value, descriptor)
        ->encode(kvtool::parse_json(json).value());
  };
  constexpr std::string_view pair = "rkyv(struct(Pair,left:u8,right:string))";
  CHECK(write(pair, R"({"left":1,"right":"a"})").has_value());
  CHECK(write(pair, R"({"left":256,"right":"a"})").error().message == "256 is no u8");
  CHECK(write(pair, R"({"left":1})").error().message ==
        "{\"left\":1} has no field left, or others");
  CHECK(write(pair, "7").error().message == "7 has no field left, or others");
  CHECK(write("rkyv(tuple(bool,char))", R"([1,"a"])").error().message == "1 is no bool");
  CHECK(write("rkyv(tuple(bool,char))", R"([true,"ab"])").error().message == "\"ab\" is no char");
  CHECK(write("rkyv(vec(arc(u8)))", R"([{"shared":0}])").error().message ==
        "{\"shared\":0} is no arc");
  CHECK(write("rkyv(enum(Color,Red=0))", R"("Blue")").error().message == "\"Blue\" is no Color");
  CHECK_FALSE(write("rkyv(hash_map(vec(u8),u8))", R"([[7,1]])").has_value());
}

TEST_CASE("malformed archives get the strict verdict") {
  for (const Json& each : manifest().json()["malformed"]) {
    CAPTURE(each["name"].get<std::string>());
    const auto schema = manifest().schema(each["type"]);
    const auto archive = manifest().file(each["file"]);
    const bool is_valid = rkyv::check(*schema, archive).has_value();
    CHECK(is_valid == (each["strict"] == "accept"));
    if (is_valid)
      CHECK(kvtool::to_text(kvtool::read_archive(*schema, archive)) ==
            kvtool::to_text(as_shown(schema->root(), each["value"])));
  }
}

// Law: of all archives that differ from a good one in one byte, those are valid that the crate
// accepts, less those that would lead a reader out of them.
TEST_CASE("every change of one byte gets the strict verdict") {
  for (const Json& sweep : manifest().json()["sweeps"]) {
    CAPTURE(sweep["case"].get<std::string>());
    const auto& cases = manifest().json()["cases"];
    const Json& base = *std::find_if(cases.begin(), cases.end(), [&](const Json& each) {
      return each["name"] == sweep["case"];
    });
    const auto schema = manifest().schema(base["type"]);
    auto archive = manifest().file(base["file"]);
    const auto verdicts =
        manifest().file(sweep.contains("strict_bitmap") ? sweep["strict_bitmap"] : sweep["bitmap"]);
    REQUIRE(verdicts.size() == 32 * archive.size());
    std::size_t wrong = 0;
    for (std::size_t position = 0; position < archive.size(); ++position) {
      const std::byte original = archive[position];
      for (unsigned value = 0; value < 256; ++value) {
        archive[position] = static_cast<std::byte>(value);
        const bool is_expected =
            (verdicts[32 * position + value / 8] >> (value % 8) & std::byte{1}) != std::byte();
        const bool is_valid = rkyv::check(*schema, archive).has_value();
        if (is_valid != is_expected) ++wrong;
        if (is_valid) static_cast<void>(kvtool::read_archive(*schema, archive));
      }
      archive[position] = original;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace quire::test
