// FlatBuffers through the typed tables: put from all that can be at hand, read in place, opened
// with schemas that are the table's and that are not.
#include "quire/formats/flatbuffers.hpp"

#include <doctest/doctest.h>
#include <later_monster_bfbs_generated.h>
#include <later_monster_generated.h>
#include <other_monster_bfbs_generated.h>
#include <other_monster_generated.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quire/formats/compressed.hpp"
#include "unit/api/place.hpp"
#include "unit/formats/sample_monster.hpp"

namespace quire::test {
namespace {

using monsters::Monster;
using monsters::MonsterT;

template <class V, class Schema>
FlatbuffersFormat<V> format_with() {
  return FlatbuffersFormat<V>::with_schema(Schema::data(), Schema::size()).value();
}
const auto format = format_with<Monster, monsters::MonsterBinarySchema>();
const auto later_format =
    format_with<monsters::later::Monster, monsters::later::MonsterBinarySchema>();
const auto other_format =
    format_with<monsters::other::Monster, monsters::other::MonsterBinarySchema>();

template <class V, class Format>
auto build(Storage& storage, const Format& value_format) {
  return storage.new_table<std::uint32_t, V>("monsters").with_value_format(value_format).build();
}
using Monsters = decltype(build<Monster>(std::declval<Storage&>(), format))::value_type;
static_assert(std::same_as<decltype(*std::declval<const Monsters::Guard&>()), const Monster&>);

template <class Table>
void put_from_all_sources(Table& table) {
  const MonsterT object = sample_monster("from an object");
  REQUIRE(table.put(1, object).has_value());
  REQUIRE(table.put(2, sample_monster("from a temporary")).has_value());
  const flatbuffers::FlatBufferBuilder builder = builder_of(sample_monster("from a builder"));
  REQUIRE(table.put(3, builder).has_value());
  const std::vector<std::uint8_t> octets(builder.GetBufferPointer(),
                                         builder.GetBufferPointer() + builder.GetSize());
  REQUIRE(table.put(4, octets).has_value());
  REQUIRE(table.put(5, std::as_bytes(std::span(octets))).has_value());
}

template <class Face>
void check_all_sources(const Face& face) {
  check_sample(**face.get(1).value(), "from an object");
  check_sample(**face.get(2).value(), "from a temporary");
  for (std::uint32_t key = 3; key <= 5; ++key)
    check_sample(**face.get(key).value(), "from a builder");
  std::size_t count = 0;
  for (const auto& [key, monster] : face.range()) {
    CHECK(monster->hp() == 80);
    CHECK(is_aligned(Bytes(std::as_bytes(std::span(monster->lanes(), 1))), 16));
    ++count;
  }
  CHECK(count == 5);
}

TEST_CASE("monsters are put from objects, builders and bytes, and read through every face") {
  for (const Place::Kind kind : Place::all) {
    Place place(kind);
    Storage storage = place.open();
    auto table = build<Monster>(storage, format).value();
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    put_from_all_sources(editor);
    check_all_sources(editor);
    REQUIRE(std::move(txn).commit().has_value());
    check_all_sources(table);
    check_all_sources(storage.snapshot().value().table(table));
    put_from_all_sources(table);
    check_all_sources(table);
  }
}

TEST_CASE("a monster is read in place, in bytes at alignment 16") {
  Place place;
  Storage storage = place.open();
  auto table = build<Monster>(storage, format).value();
  auto raw = storage.open_table<std::uint32_t, Bytes>("monsters").build();
  CHECK(code_of(raw) == ErrorCode::type_mismatch);
  for (std::uint32_t key = 0; key < 100; ++key) {
    const std::string name(key * 40, 'n');
    REQUIRE(table.put(key, sample_monster("m" + name)).has_value());
  }
  for (std::uint32_t key = 0; key < 100; ++key) {
    const auto guard = table.get(key).value().value();
    const auto again = table.get(key).value().value();
    REQUIRE(&*guard == &*again);
    // What asks for alignment 16 has it only where the stored bytes have.
    REQUIRE(std::bit_cast<std::uintptr_t>(guard->lanes()) % 16 == 0);
    REQUIRE(guard->lanes()->at()->Get(3) == 0.5F);
  }
}

TEST_CASE("a guard keeps its monster, whatever goes first") {
  std::optional<Monsters::Guard> guard;
  {
    Place place;
    Storage storage = place.open();
    auto table = build<Monster>(storage, format).value();
    REQUIRE(table.put(1, sample_monster("kept")).has_value());
    guard = table.get(1).value().value();
    REQUIRE(table.put(1, sample_monster("another")).has_value());
    REQUIRE(table.erase(1).value());
  }
  check_sample(**guard, "kept");
}

TEST_CASE("what is no monster is not stored") {
  Place place;
  Storage storage = place.open();
  auto table = build<Monster>(storage, format).value();
  CHECK(code_of(table.put(1, as_bytes("nothing of the kind, however long"))) ==
        ErrorCode::invalid_argument);
  auto txn = storage.begin_write().value();
  CHECK(code_of(txn.table(table).put(1, Bytes())) == ErrorCode::invalid_argument);
  REQUIRE(txn.table(table).put(1, sample_monster("Orc")).has_value());
  REQUIRE(std::move(txn).commit().has_value());
  CHECK(table.size().value() == 1);
}

TEST_CASE("another schema is refused by its first difference, without showing all of it") {
  Place place;
  Storage storage = place.open();
  auto table = build<Monster>(storage, format).value();
  const auto other = build<monsters::other::Monster>(storage, other_format);
  REQUIRE(code_of(other) == ErrorCode::type_mismatch);
  const std::string message = other.error().message();
  CAPTURE(message);
  CHECK(message.contains("flatbuffers(Monster,enum(Color"));
  CHECK(message.contains("first difference: value, stored enum Color, asked none of that name"));
  CHECK(message.size() < 2000);
  const auto unnamed = build<Monster>(storage, FlatbuffersFormat<Monster>());
  REQUIRE(code_of(unnamed) == ErrorCode::type_mismatch);
  CHECK(unnamed.error().message().contains("stored a schema, asked no schema"));
}

TEST_CASE("a schema that adds to the stored one opens the table, and not the other way round") {
  Place place;
  Storage storage = place.open();
  auto table = build<Monster>(storage, format).value();
  REQUIRE(table.put(1, sample_monster("old")).has_value());
  auto later = build<monsters::later::Monster>(storage, later_format).value();
  const auto old = later.get(1).value().value();
  CHECK(old->name()->str() == "old");
  CHECK(old->rank() == 1);
  CHECK(old->charm() == nullptr);
  monsters::later::MonsterT object;
  object.name = "new";
  object.rank = 7;
  REQUIRE(later.put(2, object).has_value());
  CHECK(later.get(2).value().value()->rank() == 7);
  CHECK(table.get(2).value().value()->name()->str() == "new");

  Storage second = place.open("second");
  REQUIRE(build<monsters::later::Monster>(second, later_format).has_value());
  const auto earlier = build<Monster>(second, format);
  REQUIRE(code_of(earlier) == ErrorCode::type_mismatch);
  CHECK(earlier.error().message().contains("asked nothing"));
}

TEST_CASE("the catalog has the schema, which needs no program to read") {
  Place place;
  Storage storage = place.open();
  REQUIRE(build<Monster>(storage, Compressed{format}).has_value());
  const auto tables = storage.tables().value();
  REQUIRE(tables.size() == 1);
  const auto schema = flatbuffers_schema(tables.front().value_descriptor).value();
  CHECK(equal(schema, std::as_bytes(std::span(monsters::MonsterBinarySchema::data(),
                                              monsters::MonsterBinarySchema::size()))));
}

TEST_CASE("compressed monsters are monsters") {
  Place place;
  Storage storage = place.open();
  auto table = build<Monster>(storage, Compressed{format}).value();
  put_from_all_sources(table);
  check_all_sources(table);
  CHECK(build<monsters::later::Monster>(storage, Compressed{later_format}).has_value());
  CHECK(code_of(build<monsters::other::Monster>(storage, Compressed{other_format})) ==
        ErrorCode::type_mismatch);
  CHECK(code_of(table.put(6, Bytes())) == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace quire::test
