// FlatBuffers that kvtool shows and writes by the schema in a descriptor, both of them distrusted.
#include <doctest/doctest.h>

#include <random>
#include <span>
#include <string>
#include <vector>

#include "quire/formats/flatbuffers.hpp"
#include "support/volume.hpp"
#include "tools/byte_text.hpp"
#include "tools/typed_code.hpp"
#include "unit/formats/sample_monster.hpp"

namespace kvtool::test {
namespace {

using monsters::MonsterT;
using quire::test::builder_of;
using quire::test::sample_monster;
using quire::test::scaled;
using Schema = monsters::MonsterBinarySchema;

template <class V>
std::string descriptor_of() {
  return quire::FlatbuffersFormat<V>::with_schema(Schema::data(), Schema::size())
      ->template descriptor<V>();
}
std::shared_ptr<const TypedCode> code_for(std::string_view descriptor) {
  const auto parsed = parse_descriptor(descriptor);
  return parsed ? code_of(Side::value, *parsed) : nullptr;
}
const auto monster_code = code_for(descriptor_of<monsters::Monster>());

ByteString stored_form(const MonsterT& monster) {
  const auto format =
      quire::FlatbuffersFormat<monsters::Monster>::with_schema(Schema::data(), Schema::size());
  return copy_of(format->encode_value<monsters::Monster>(monster)->bytes());
}
std::string shown(Bytes stored) {
  const auto json = monster_code->decode(stored);
  return json ? to_text(*json) : "no monster";
}

TEST_CASE("golden JSON of a table") {
  MonsterT monster;
  monster.name = "Orc";
  CHECK(shown(stored_form(monster)) == R"({"name":"Orc","hp":100,"color":"blue"})");
  CHECK(shown(stored_form(sample_monster("\xC3\x96rk"))) ==
        "{\"name\":\"\xC3\x96rk\","
        R"("place":{"x":1.0,"y":2.0,"z":3.5},"hp":80,"mana":0,"color":"green",)"
        R"("inventory":[1,2,3,5],"titles":["the first","the great"],)"
        R"("weapons":[{"name":"axe","damage":12},{"name":"sword","damage":20}],)"
        R"("path":[{"x":0.0,"y":0.0,"z":0.0},{"x":1.0,"y":1.0,"z":0.5}],)"
        R"("equipped_type":"Weapon","equipped":{"name":"bow","damage":9},)"
        R"("others_type":["Shield","Weapon"],"others":[{"weight":1.5},{"damage":7}],)"
        "\"companion\":{\"name\":\"companion of \xC3\x96rk\","
        R"("hp":100,"color":"blue"},)"
        R"("lanes":{"at":[0.0,0.25,0.375,0.5]},)"
        R"("band":[{"name":"first","hp":100,"color":"blue"},)"
        R"({"name":"second","hp":100,"color":"blue"}]})");
}

TEST_CASE("what the format made of an object is written again to the same bytes") {
  std::vector<MonsterT> monsters;
  monsters.push_back(sample_monster("all of it"));
  monsters.push_back(sample_monster("no UTF-8: \xFF"));
  monsters.emplace_back();
  monsters.back().color = static_cast<monsters::Color>(99);  // without a name
  monsters.back().mana = std::int16_t{-3};
  monsters.back().inventory = std::vector<std::uint8_t>(1000, 7);
  for (const MonsterT& monster : monsters) {
    const ByteString stored = stored_form(monster);
    CAPTURE(shown(stored));
    const auto again = parse_json(shown(stored));
    REQUIRE(again.has_value());
    const auto written = monster_code->encode(*again);
    REQUIRE_MESSAGE(written.has_value(), written.error().message);
    CHECK(*written == stored);
  }
}

TEST_CASE("the root is the table that the descriptor names") {
  const auto code = code_for(descriptor_of<monsters::Shield>());
  REQUIRE(code);
  const auto written = code->encode(parse_json(R"({"weight":2.5})").value());
  REQUIRE(written.has_value());
  CHECK(to_text(code->decode(*written).value()) == R"({"weight":2.5})");
  CHECK_FALSE(code->encode(parse_json(R"({"name":"Orc"})").value()).has_value());
}

TEST_CASE("JSON that is no such table is refused, with what is wrong") {
  const auto complaint = [](std::string_view json) {
    const auto written = monster_code->encode(parse_json(json).value());
    return written ? "none" : written.error().message;
  };
  CHECK(complaint(R"({"name":"Orc"})") == "none");
  CHECK(complaint(R"({"name":"Orc","color":8,"equipped":{},"equipped_type":"Shield"})") == "none");
  CHECK(complaint("{}") == "Monster has no name, which is required");
  CHECK(complaint("[]") == "[] is no Monster");
  CHECK(complaint(R"({"name":"Orc","hq":1})") == "Monster has no field \"hq\"");
  CHECK(complaint(R"({"name":7})") == "7 is no string");
  CHECK(complaint(R"({"name":"Orc","titles":"a"})") == "\"a\" is no array");
  CHECK(complaint(R"({"name":"Orc","lanes":{"at":[1]}})") == "[1] is no array of 4");
  CHECK(complaint(R"({"name":"Orc","place":{"x":1}})") == R"({"x":1} is no Place)");
  CHECK(complaint(R"({"name":"Orc","equipped":{}})") ==
        "{} is no value of a union: its type is null");
  CHECK(complaint(R"({"name":"Orc","others_type":["Shield"],"others":[]})") ==
        "[] is no array of as many as others_type");
  CHECK(complaint(R"({"name":"Orc","hp":40000})") ==
        "hp: 40000 does not fit: write a whole number from -32768 to 32767");
  CHECK(complaint(R"({"name":"Orc","color":"pink"})") ==
        "color: \"pink\" does not fit: write a whole number from -128 to 127, red, green, "
        "blue");
}

/// A monster in a monster, many times over.
std::string nested(std::size_t depth) {
  std::string json;
  for (std::size_t level = 0; level < depth; ++level) json += R"({"name":"m","companion":)";
  return json + R"({"name":"m"})" + std::string(depth, '}');
}

TEST_CASE("what programs refuse for its depth is not written") {
  CHECK(monster_code->encode(parse_json(nested(63)).value()).has_value());
  CHECK_FALSE(monster_code->encode(parse_json(nested(64)).value()).has_value());
  CHECK_FALSE(monster_code->encode(parse_json(nested(1000)).value()).has_value());
  CHECK_FALSE(parse_json(nested(1'000'000)).has_value());
}

TEST_CASE("a small buffer that says very much is not shown") {
  flatbuffers::FlatBufferBuilder builder;
  const auto name = builder.CreateString(std::string(100'000, 'x'));
  const auto titles =
      builder.CreateVector(std::vector<flatbuffers::Offset<flatbuffers::String>>(10'000, name));
  monsters::MonsterBuilder monster(builder);
  monster.add_name(name);
  monster.add_titles(titles);
  builder.Finish(monster.Finish());
  CHECK(shown(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()))) ==
        "no monster");
}

bool may_be_read(Bytes bytes) {
  static const auto format =
      quire::FlatbuffersFormat<monsters::Monster>::with_schema(Schema::data(), Schema::size())
          .value();
  const quire::HeapBytes aligned(bytes, format.alignment<monsters::Monster>());
  return format.check<monsters::Monster>(aligned.bytes()).has_value();
}

TEST_CASE("a table without what its schema requires is not shown") {
  flatbuffers::FlatBufferBuilder builder;
  monsters::MonsterBuilder monster(builder);
  monster.add_hp(7);
  builder.Finish(flatbuffers::Offset<void>(builder.EndTable(monster.start_)));
  CHECK(shown(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()))) ==
        "no monster");
}

/// Some bytes of it replaced, or its end cut off.
ByteString mutant(ByteString bytes, std::mt19937_64& random) {
  for (auto left = 1 + random() % 3; left != 0; --left) {
    const auto at = random() % bytes.size();
    constexpr std::array<std::uint8_t, 5> borders{0, 1, 0x7F, 0x80, 0xFF};
    const bool is_border = random() % 2 == 0;
    bytes[at] = static_cast<std::byte>(is_border ? borders[random() % borders.size()] : random());
  }
  if (random() % 8 == 0) bytes.resize(random() % bytes.size());
  return bytes;
}

// Laws: what is shown is what a program would read; and written again, it is shown as before.
TEST_CASE("mutants of buffers are shown where programs read them") {
  const ByteString good = stored_form(sample_monster("Orc"));
  std::size_t shown_count = 0;
  for (std::size_t seed = 0; seed < scaled(20'000); ++seed) {
    std::mt19937_64 random(seed);
    const ByteString bytes = mutant(good, random);
    CAPTURE(seed);
    const auto json = monster_code->decode(bytes);
    REQUIRE(json.has_value() == may_be_read(bytes));
    if (!json) continue;
    ++shown_count;
    const auto written = monster_code->encode(*json);
    if (written) REQUIRE(monster_code->decode(*written) == *json);
  }
  CHECK(shown_count > scaled(20'000) / 100);
}

TEST_CASE("mutants of schemas do no harm") {
  const Bytes schema = std::as_bytes(std::span(Schema::data(), Schema::size()));
  const ByteString good = stored_form(sample_monster("Orc"));
  const auto json = monster_code->decode(good).value();
  std::size_t taken = 0;
  for (std::size_t seed = 0; seed < scaled(3'000); ++seed) {
    std::mt19937_64 random(seed);
    const auto described =
        quire::FlatbuffersSchema::of(mutant(copy_of(schema), random), "monsters.Monster");
    if (!described) continue;
    CAPTURE(seed);
    // So that its words fit it, as a hostile file's would.
    const auto code = code_for("flatbuffers(Monster," + described->arguments + ")");
    if (!code) continue;
    ++taken;
    static_cast<void>(code->decode(good));
    if (const auto written = code->encode(json)) static_cast<void>(code->decode(*written));
  }
  CHECK(taken > scaled(3'000) / 100);
}

TEST_CASE("a descriptor without a schema, or with another than it says, has no code") {
  const std::string descriptor = descriptor_of<monsters::Monster>();
  CHECK(code_for(descriptor));
  CHECK_FALSE(code_for("flatbuffers(Monster)"));
  CHECK_FALSE(code_for("flatbuffers(Monster,bfbs:AAAA)"));
  std::string other = descriptor;
  other.replace(other.find("2:hp:i16=100"), 12, "2:hp:i16=101");
  CHECK_FALSE(code_for(other));
  // Programs may call the root of a schema as they like, and no other table.
  other = descriptor;
  other.replace(other.find("(Monster,"), 9, "(Beast,");
  CHECK(code_for(other));
  other = descriptor_of<monsters::Shield>();
  other.replace(other.find("(Shield,"), 8, "(Beast,");
  CHECK_FALSE(code_for(other));
}

}  // namespace
}  // namespace kvtool::test
