// Damaged FlatBuffers: what the check lets pass can be read, all of it, in few steps.
#include "quire/formats/flatbuffers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "archives/mutants.hpp"
#include "support/volume.hpp"
#include "unit/formats/sample_monster.hpp"

namespace quire::test {
namespace {

using monsters::Monster;
using MonsterFormat = FlatbuffersFormat<Monster>;

/// A monster with so many others one inside the other.
monsters::MonsterT nested_monster(int depth) {
  monsters::MonsterT monster = sample_monster("Matryoshka");
  for (int level = 1; level < depth; ++level) {
    auto inner = std::make_unique<monsters::MonsterT>(std::move(monster));
    monster = monsters::MonsterT();
    monster.name = "around";
    monster.companion = std::move(inner);
  }
  return monster;
}

/// A small monster whose path is empty, and lies where places must not if there were any.
HeapBytes misplaced_path() {
  for (std::size_t before = 0;; before += 4) {
    flatbuffers::FlatBufferBuilder builder;
    const auto numbers = builder.CreateVector(std::vector<std::uint32_t>(8, 1));
    const auto name = builder.CreateString(std::string(before, 'x'));
    monsters::MonsterBuilder monster(builder);
    monster.add_name(name);
    monster.add_path(numbers.o);
    builder.Finish(monster.Finish());
    HeapBytes buffer(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())), 16);
    const Monster& made = *flatbuffers::GetRoot<Monster>(builder.GetBufferPointer());
    const auto at = static_cast<std::size_t>(made.path()->Data() - builder.GetBufferPointer());
    if (at % alignof(monsters::Place) == 0) continue;
    buffer.room()[at - sizeof(flatbuffers::uoffset_t)] = std::byte{0};
    return buffer;
  }
}

/// Short buffers and long ones, flat and deep ones.
std::vector<HeapBytes> sound_buffers(const MonsterFormat& format) {
  std::vector<monsters::MonsterT> monsters(2);
  monsters[0].name = "small";
  monsters[1] = sample_monster("Orc");
  monsters.push_back(nested_monster(20));
  monsters.push_back(sample_monster("leader"));
  for (int member = 0; member < 20; ++member)
    monsters.back().band.push_back(
        std::make_unique<monsters::MonsterT>(sample_monster("member " + std::to_string(member))));
  std::vector<HeapBytes> buffers{misplaced_path()};
  REQUIRE(format.check<Monster>(buffers.front().bytes()));
  for (const monsters::MonsterT& monster : monsters)
    buffers.emplace_back(format.encode_value<Monster>(monster).value().bytes(), 16);
  return buffers;
}

/// Whether whoever checked a buffer knew where vectors of structs may lie.
enum class StructVectors { checked, anywhere };

/// Reads all that a monster refers to, so that a sanitizer sees it.
class MonsterReader {
 public:
  explicit MonsterReader(StructVectors vectors) : vectors_(vectors) {}

  void read(const Monster& monster) {
    ++steps_;
    read(monster.name());
    sum_ += static_cast<std::uint64_t>(monster.hp()) +
            static_cast<std::uint64_t>(monster.mana().value_or(3)) +
            static_cast<std::uint64_t>(monster.color());
    if (monster.place() != nullptr) add(*monster.place());
    if (monster.lanes() != nullptr)
      for (const float lane : *monster.lanes()->at()) sum_ += std::bit_cast<std::uint32_t>(lane);
    if (monster.inventory() != nullptr)
      for (const std::uint8_t item : *monster.inventory()) sum_ += item;
    read_each(monster.titles());
    read_each(monster.weapons());
    read_each(monster.band());
    if (monster.path() != nullptr) read_path(*monster.path());
    read_member(monster.equipped_type(), monster.equipped());
    read_others(monster);
    if (monster.companion() != nullptr) read(*monster.companion());
  }

  /// Tables and elements of vectors that were looked at, as FlatbuffersWalk counts them.
  [[nodiscard]] std::size_t steps() const { return steps_; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  void read(const flatbuffers::String* text) {
    if (text == nullptr) return;
    for (const char letter : text->string_view()) sum_ += static_cast<unsigned char>(letter);
    REQUIRE(text->c_str()[text->size()] == '\0');
  }
  void read(const monsters::Weapon& weapon) {
    ++steps_;
    read(weapon.name());
    sum_ += static_cast<std::uint64_t>(weapon.damage());
  }
  void read(const monsters::Weapon* weapon) { read(*weapon); }
  void read(const Monster* monster) { read(*monster); }

  template <class Vector>
  void read_each(const Vector* vector) {
    if (vector == nullptr) return;
    steps_ += vector->size();
    for (const auto* each : *vector) read(each);
  }

  void add(const monsters::Place& place) {
    sum_ += std::bit_cast<std::uint32_t>(place.x()) + std::bit_cast<std::uint64_t>(place.z());
  }
  void read_path(const flatbuffers::Vector<const monsters::Place*>& path) {
    const Bytes bytes =
        std::as_bytes(std::span(path.Data(), path.size() * sizeof(monsters::Place)));
    const bool is_in_place = is_aligned(bytes, alignof(monsters::Place));
    REQUIRE((is_in_place || path.size() == 0 || vectors_ == StructVectors::anywhere));
    for (flatbuffers::uoffset_t n = 0; n < path.size(); ++n) {
      monsters::Place copy;
      copy_bytes(std::as_writable_bytes(std::span(&copy, 1)).data(),
                 bytes.subspan(n * sizeof(copy), sizeof(copy)));
      add(is_in_place ? *path.Get(n) : copy);
    }
  }

  /// A member that is not known is nobody's to read.
  void read_member(monsters::Equipment kind, const void* member) {
    if (member == nullptr) return;
    if (kind == monsters::Equipment::Weapon) read(static_cast<const monsters::Weapon*>(member));
    if (kind != monsters::Equipment::Shield) return;
    ++steps_;
    sum_ += std::bit_cast<std::uint32_t>(static_cast<const monsters::Shield*>(member)->weight());
  }
  void read_others(const Monster& monster) {
    if (monster.others() == nullptr) return;
    REQUIRE(monster.others_type()->size() == monster.others()->size());
    steps_ += monster.others()->size();
    for (flatbuffers::uoffset_t n = 0; n < monster.others()->size(); ++n)
      read_member(monster.others_type()->GetEnum<monsters::Equipment>(n),
                  monster.others()->GetAs<void>(n));
  }

  StructVectors vectors_;
  std::size_t steps_ = 0;
  std::uint64_t sum_ = 0;
};

/// What became of mutants.
struct Tally {
  std::size_t valid = 0;
  std::size_t most_steps = 0;
  std::uint64_t sum = 0;
};

Tally try_mutants(const MonsterFormat& format, StructVectors vectors, std::size_t count) {
  const std::vector<HeapBytes> buffers = sound_buffers(format);
  Mutator mutator(vectors == StructVectors::checked ? 1 : 2);
  Tally tally;
  for (std::size_t number = 0; number < count; ++number) {
    CAPTURE(number);
    const Bytes original = buffers[number % buffers.size()].bytes();
    const Bytes donor = buffers[number / buffers.size() % buffers.size()].bytes();
    const HeapBytes mutant(mutator.mutant_of(original, donor), 16);
    const Status checked = format.check<Monster>(mutant.bytes());
    if (!checked) {
      REQUIRE(checked.error().code() == ErrorCode::corrupt);
      continue;
    }
    MonsterReader reader(vectors);
    reader.read(format.view<Monster>(mutant.bytes()));
    if (vectors == StructVectors::checked) REQUIRE(reader.steps() <= 2 * mutant.bytes().size());
    tally.most_steps = std::max(tally.most_steps, reader.steps());
    tally.sum += reader.sum();
    ++tally.valid;
  }
  return tally;
}

void check_mutants(const std::string& name, const MonsterFormat& format, StructVectors vectors) {
  CAPTURE(name);
  const std::size_t count = scaled(20'000);
  const Tally tally = try_mutants(format, vectors, count);
  CHECK(tally.valid > 0);
  CHECK(tally.valid < count);
  CHECK(tally.sum != 0);
  std::printf(
      "total: %zu changed FlatBuffers checked %s a schema, %zu read, in at most %zu steps\n", count,
      name.c_str(), tally.valid, tally.most_steps);
}

// Law: whatever bytes there are, they are refused, or read within themselves; and with a schema in
// no more than two steps for each byte.
TEST_CASE("changed FlatBuffers are refused or read") {
  check_mutants("with",
                MonsterFormat::with_schema(monsters::MonsterBinarySchema::data(),
                                           monsters::MonsterBinarySchema::size())
                    .value(),
                StructVectors::checked);
  check_mutants("without", MonsterFormat(), StructVectors::anywhere);
}

}  // namespace
}  // namespace quire::test
