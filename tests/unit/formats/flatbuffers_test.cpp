#include "quire/formats/flatbuffers.hpp"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <random>
#include <utility>

#include "support/volume.hpp"
#include "unit/formats/sample_monster.hpp"

namespace quire::test {
namespace {

using monsters::Monster;
using Format = FlatbuffersFormat<Monster>;
static_assert(ValueFormat<Format, Monster> && StoresByEncoding<Format, Monster>);
static_assert(JudgesDescriptors<Format> && !UnpacksValues<Format, Monster>);
static_assert(!ValueFormat<Format, monsters::Weapon> && !FlatbuffersTable<monsters::Place>);

const Format plain_format;
const Format format = Format::with_schema(monsters::MonsterBinarySchema::data(),
                                          monsters::MonsterBinarySchema::size())
                          .value();

/// Stored bytes where a table would put them.
HeapBytes stored_form(const FlatbuffersValue<Monster>& value) {
  return {format.encode_value<Monster>(value).value().bytes(), format.alignment<Monster>()};
}
ErrorCode refusal_of(const FlatbuffersValue<Monster>& value, const Format& by = format) {
  const auto encoded = by.encode_value<Monster>(value);
  return encoded ? ErrorCode{255} : encoded.error().code();
}

TEST_CASE("an object, a builder and bytes are stored alike") {
  const monsters::MonsterT object = sample_monster("Orc");
  const HeapBytes from_object = stored_form(object);
  const flatbuffers::FlatBufferBuilder builder = builder_of(object);
  const HeapBytes from_builder = stored_form(builder);
  const HeapBytes from_bytes = stored_form(from_object.bytes());
  const std::vector<std::uint8_t> octets(builder.GetBufferPointer(),
                                         builder.GetBufferPointer() + builder.GetSize());
  const HeapBytes from_octets = stored_form(octets);
  for (const HeapBytes* stored : {&from_object, &from_builder, &from_bytes, &from_octets}) {
    REQUIRE(format.check<Monster>(stored->bytes()).has_value());
    check_sample(format.view<Monster>(stored->bytes()), "Orc");
    CHECK(equal(stored->bytes(), from_object.bytes()));
  }
}

// flatbuffers' own allocator crashed here as soon as the buffer had grown to an odd multiple of 8.
TEST_CASE("structs aligned to 16 are packed at every size") {
  for (std::size_t size = 0; size < 6000; size += 97) {
    const std::string name(size, 'n');
    const HeapBytes stored = stored_form(sample_monster(name));
    REQUIRE(format.check<Monster>(stored.bytes()).has_value());
    const Monster& monster = format.view<Monster>(stored.bytes());
    REQUIRE(monster.name()->size() == size);
    REQUIRE(std::bit_cast<std::uintptr_t>(monster.lanes()) % 16 == 0);
  }
}

TEST_CASE("bytes at any address are taken, and copied only where that is needed") {
  const HeapBytes stored = stored_form(sample_monster("Orc"));
  const std::size_t size = stored.bytes().size();
  HeapBytes room(size + 16, 16);
  for (std::size_t offset = 0; offset < 16; ++offset) {
    copy_bytes(room.room().data() + offset, stored.bytes());
    const Bytes shifted = room.bytes().subspan(offset, size);
    const auto encoded = format.encode_value<Monster>(shifted).value();
    CHECK(equal(encoded.bytes(), stored.bytes()));
    CHECK((encoded.bytes().data() == shifted.data()) == (offset % 4 == 0));
    CHECK(format.check<Monster>(shifted).has_value() == (offset == 0));
  }
}

TEST_CASE("what is encoded may be moved") {
  auto encoded = format.encode_value<Monster>(sample_monster("Orc")).value();
  const std::byte* const address = encoded.bytes().data();
  const auto moved = std::move(encoded);
  CHECK(moved.bytes().data() == address);
  CHECK(detail::is_flatbuffer<Monster>(moved.bytes()));
}

TEST_CASE("what is no such table is not stored") {
  CHECK(refusal_of(Bytes()) == ErrorCode::invalid_argument);
  CHECK(refusal_of(as_bytes("a text, but no FlatBuffer of any type at all")) ==
        ErrorCode::invalid_argument);
  flatbuffers::FlatBufferBuilder unfinished;
  CHECK(refusal_of(unfinished) == ErrorCode::invalid_argument);
  unfinished.CreateString("begun");
  CHECK(refusal_of(unfinished) == ErrorCode::invalid_argument);
  flatbuffers::FlatBufferBuilder nameless;
  nameless.Finish(flatbuffers::Offset<Monster>(nameless.EndTable(nameless.StartTable())));
  CHECK(refusal_of(nameless) == ErrorCode::invalid_argument);
  flatbuffers::FlatBufferBuilder prefixed;
  const auto object = sample_monster("Orc");
  prefixed.FinishSizePrefixed(Monster::Pack(prefixed, &object));
  CHECK(refusal_of(prefixed) == ErrorCode::invalid_argument);
}

// Law: what may be put may be read, so the limit of depth holds for both.
TEST_CASE("a value nested too deep is refused when it is put") {
  for (const int depth : {2, 64, 65, 200}) {
    monsters::MonsterT outermost;
    outermost.name = "m";
    for (int level = 1; level < depth; ++level) {
      auto next = std::make_unique<monsters::MonsterT>(std::move(outermost));
      outermost = monsters::MonsterT();
      outermost.name = "m";
      outermost.companion = std::move(next);
    }
    const ErrorCode expected = depth <= 64 ? ErrorCode{255} : ErrorCode::invalid_argument;
    CHECK(refusal_of(outermost) == expected);
    CHECK(refusal_of(outermost, plain_format) == expected);
  }
}

/// Reads all that a monster refers to, so that a sanitizer sees it.
std::size_t read_all(const Monster& monster) {
  std::size_t sum = monster.name()->size() + static_cast<std::size_t>(monster.hp());
  if (monster.inventory() != nullptr)
    for (const std::uint8_t item : *monster.inventory()) sum += item;
  if (monster.titles() != nullptr)
    for (const auto* title : *monster.titles()) sum += title->str().size();
  if (monster.weapons() != nullptr)
    for (const auto* each : *monster.weapons())
      sum += static_cast<std::size_t>(each->damage()) + (each->name() ? each->name()->size() : 0);
  if (monster.equipped_as_Weapon() != nullptr)
    sum += static_cast<std::size_t>(monster.equipped_as_Weapon()->damage());
  if (monster.place() != nullptr) sum += monster.place()->z() > 1.0 ? 1U : 0U;
  if (monster.path() != nullptr)
    for (const auto* place : *monster.path()) sum += place->z() > 1.0 ? 1U : 0U;
  if (monster.lanes() != nullptr) sum += monster.lanes()->at()->Get(3) > 1.0F ? 1U : 0U;
  if (monster.band() != nullptr)
    for (const auto* member : *monster.band()) sum += read_all(*member);
  if (monster.companion() != nullptr) sum += read_all(*monster.companion());
  return sum;
}

// Law: damaged bytes are corrupt, or some monster whose every part may be read.
TEST_CASE("mutants of a value do no harm") {
  const HeapBytes sound = stored_form(sample_monster("Orc"));
  std::mt19937_64 random(3);
  std::size_t refused = 0;
  std::size_t sum = 0;
  const std::size_t count = scaled(10'000);
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t size =
        random() % 8 == 0 ? random() % (sound.bytes().size() + 1) : sound.bytes().size();
    HeapBytes mutant(sound.bytes().first(size), 16);
    for (std::size_t changes = size == 0 ? 0 : random() % 4 + 1; changes > 0; --changes)
      mutant.room()[random() % size] = static_cast<std::byte>(random() % 2 ? random() : 4);
    CAPTURE(n);
    const Status checked = format.check<Monster>(mutant.bytes());
    if (checked) {
      sum += read_all(format.view<Monster>(mutant.bytes()));
    } else {
      ++refused;
      REQUIRE(checked.error().code() == ErrorCode::corrupt);
    }
  }
  CHECK(sum > 0);
  CHECK(refused > count / 10);
  CHECK(refused < count);
}

TEST_CASE("descriptors carry the name, and the schema where the format has it") {
  CHECK(plain_format.descriptor<Monster>() == "flatbuffers(Monster)");
  const std::string descriptor = format.descriptor<Monster>();
  CHECK(descriptor.starts_with("flatbuffers(Monster,enum(Color,i8,"));
  CHECK(flatbuffers_schema(descriptor).value().size() == monsters::MonsterBinarySchema::size());
  CHECK(plain_format.alignment<Monster>() == 16);
  CHECK(format.alignment<Monster>() == 16);
  const std::array<std::uint8_t, 4> none{};
  CHECK(Format::with_schema(none.data(), none.size()).error().code() ==
        ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace quire::test
