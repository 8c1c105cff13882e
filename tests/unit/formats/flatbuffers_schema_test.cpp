#include "quire/formats/flatbuffers_schema.hpp"

#include <doctest/doctest.h>

#include <monster_bfbs_generated.h>
#include <other_monster_bfbs_generated.h>

#include <random>
#include <span>

#include "support/volume.hpp"

namespace quire::test {
namespace {

template <class Schema>
Bytes schema_of() {
  return std::as_bytes(std::span(Schema::data(), Schema::size()));
}
const Bytes monster = schema_of<monsters::MonsterBinarySchema>();

TEST_CASE("golden words of a schema") {
  const auto schema = FlatbuffersSchema::of(monster, "monsters.Monster").value();
  const std::string_view arguments = schema.arguments;
  CHECK(arguments.substr(0, arguments.find("bfbs:")) ==
        "enum(Color,i8,1:red,2:green,8:blue),"
        "struct(Lanes,size=16,align=16,0:at:array:4:f32),"
        "struct(Place,size=16,align=8,0:x:f32,1:y:f32,2:z:f64),"
        "table(Monster,0:name:string:required,1:place:Place,2:hp:i16=100,3:mana:i16:optional,"
        "4:old_mana:i32,5:color:Color=8,6:inventory:vector:u8,7:titles:vector:string,"
        "8:weapons:vector:Weapon,9:path:vector:Place,10:equipped_type:tag:Equipment,"
        "11:equipped:Equipment,12:others_type:vector:tag:Equipment,13:others:vector:Equipment,"
        "14:companion:Monster,15:lanes:Lanes,16:band:vector:Monster),"
        "table(Shield,0:weight:f32=1.5),"
        "table(Weapon,0:name:string,1:damage:i16=7),"
        "union(Equipment,0:NONE,1:Weapon:Weapon,2:Shield:Shield),");
  CHECK(schema.alignment == 16);
}

TEST_CASE("only what a table reaches is described") {
  const auto schema = FlatbuffersSchema::of(monster, "monsters.Shield").value();
  CHECK(schema.arguments.starts_with("table(Shield,0:weight:f32=1.5),bfbs:"));
  CHECK(schema.alignment == 0);
  const auto root = FlatbuffersSchema::of(schema_of<monsters::other::MonsterBinarySchema>(), "");
  CHECK(root.value().arguments.starts_with("table(Monster,0:name:string:required,1:hp:i32=100),"));
}

TEST_CASE("tools get the schema back") {
  const auto schema = FlatbuffersSchema::of(monster, "monsters.Monster").value();
  for (const std::string& descriptor : {"flatbuffers(Monster," + schema.arguments + ")",
                                        "zstd(flatbuffers(Monster," + schema.arguments + "))"}) {
    const auto bytes = flatbuffers_schema(descriptor).value();
    REQUIRE(equal(bytes, monster));
    flatbuffers::Verifier verifier(detail::as_flatbuffer(bytes), bytes.size());
    CHECK(reflection::VerifySchemaBuffer(verifier));
  }
  for (const std::string_view text : {"text", "flatbuffers(M)", "flatbuffers(M,bfbs:A)", "bfbs:AA"})
    CHECK(flatbuffers_schema(text).error().code() == ErrorCode::corrupt);
}

TEST_CASE("what is no schema, or has no such table, is refused") {
  const auto code_of = [](Bytes schema, std::string_view name) {
    const auto described = FlatbuffersSchema::of(schema, name);
    return described ? ErrorCode{255} : described.error().code();
  };
  CHECK(code_of({}, "") == ErrorCode::invalid_argument);
  CHECK(code_of(as_bytes("no schema at all, but long enough"), "") == ErrorCode::invalid_argument);
  CHECK(code_of(monster, "monsters.Orc") == ErrorCode::invalid_argument);
  CHECK(code_of(monster, "Monster") == ErrorCode::invalid_argument);
  CHECK(code_of(monster, "monsters.Place") == ErrorCode::invalid_argument);
  CHECK(code_of(monster.first(monster.size() / 2), "") == ErrorCode::invalid_argument);
}

// Law: a damaged schema is refused, or described in words of a descriptor.
TEST_CASE("mutants of a schema do no harm") {
  std::mt19937_64 random(1);
  for (std::size_t n = 0; n < scaled(2000); ++n) {
    std::vector<std::byte> schema(monster.begin(), monster.end());
    for (std::size_t changes = random() % 3 + 1; changes > 0; --changes)
      schema[random() % schema.size()] = static_cast<std::byte>(random());
    const auto described = FlatbuffersSchema::of(schema, "monsters.Monster");
    CAPTURE(n);
    if (!described) {
      REQUIRE(described.error().code() == ErrorCode::invalid_argument);
    } else {
      REQUIRE(described->arguments.find_first_not_of(
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-=(),") ==
              std::string::npos);
    }
  }
}

}  // namespace
}  // namespace quire::test
