#include "quire/formats/flatbuffers_walk.hpp"

#include <doctest/doctest.h>

#include <random>
#include <span>
#include <string>
#include <vector>

#include "quire/formats/flatbuffers.hpp"
#include "support/volume.hpp"
#include "unit/formats/sample_monster.hpp"

namespace quire::test {
namespace {

using detail::FlatbuffersWalk;
using detail::is_flatbuffer;
using flatbuffers::FlatBufferBuilder;
using monsters::Monster;
using monsters::MonsterBuilder;

const FlatbuffersSchema schema =
    FlatbuffersSchema::of(std::as_bytes(std::span(monsters::MonsterBinarySchema::data(),
                                                  monsters::MonsterBinarySchema::size())),
                          "monsters.Monster")
        .value();

Bytes bytes_of(const FlatBufferBuilder& builder) {
  return std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
}
bool is_sound(Bytes buffer) { return FlatbuffersWalk(schema.plan, buffer).is_sound(); }

TEST_CASE("what was built by the rules passes") {
  CHECK(is_sound(bytes_of(builder_of(sample_monster("Orc")))));
  monsters::MonsterT smallest;
  CHECK(is_sound(bytes_of(builder_of(smallest))));
}

/// A band of monsters that all have the same titles.
FlatBufferBuilder band_with_shared_titles(std::size_t monsters, std::size_t titles) {
  FlatBufferBuilder builder;
  const auto name = builder.CreateString("m");
  const auto shared =
      builder.CreateVector(std::vector<flatbuffers::Offset<flatbuffers::String>>(titles, name));
  std::vector<flatbuffers::Offset<Monster>> band;
  for (std::size_t n = 0; n < monsters; ++n) {
    MonsterBuilder member(builder);
    member.add_name(name);
    member.add_titles(shared);
    band.push_back(member.Finish());
  }
  const auto members = builder.CreateVector(band);
  MonsterBuilder whole(builder);
  whole.add_name(name);
  whole.add_band(members);
  builder.Finish(whole.Finish());
  return builder;
}

// The verifier alone takes 100 times the time for 10 times the size, hours for a large value.
TEST_CASE("a buffer that takes the verifier time with the square of its size is refused") {
  CHECK(is_sound(bytes_of(band_with_shared_titles(1000, 3))));
  CHECK(is_sound(bytes_of(band_with_shared_titles(3, 1000))));
  const FlatBufferBuilder hostile = band_with_shared_titles(300, 300);
  CHECK(is_flatbuffer<Monster>(bytes_of(hostile)));
  CHECK_FALSE(is_sound(bytes_of(hostile)));
}

/// A monster whose path was written as numbers, and so lies at any multiple of four.
FlatBufferBuilder monster_with_path(std::size_t bytes_before) {
  FlatBufferBuilder builder;
  const auto numbers = builder.CreateVector(std::vector<std::uint32_t>(8));
  const auto name = builder.CreateString(std::string(bytes_before, 'x'));
  MonsterBuilder monster(builder);
  monster.add_name(name);
  monster.add_path(numbers.o);
  builder.Finish(monster.Finish());
  return builder;
}

TEST_CASE("a vector that does not lie at its elements' alignment is refused") {
  int wrong = 0;
  for (std::size_t before = 0; before < 32; before += 4) {
    const FlatBufferBuilder builder = monster_with_path(before);
    std::vector<std::byte> buffer(bytes_of(builder).begin(), bytes_of(builder).end());
    const Monster& monster = *flatbuffers::GetRoot<Monster>(buffer.data());
    const auto* const path =
        static_cast<const std::byte*>(static_cast<const void*>(monster.path()));
    const auto at = static_cast<std::size_t>(path - buffer.data());
    buffer[at] = std::byte{2};  // places, not numbers
    REQUIRE(is_flatbuffer<Monster>(buffer));
    const bool is_aligned = (at + 4) % alignof(monsters::Place) == 0;
    CHECK(is_sound(buffer) == is_aligned);
    if (!is_aligned) ++wrong;
  }
  CHECK(wrong > 0);
  CHECK(wrong < 8);
}

// Law: a walk takes any bytes.
TEST_CASE("noise and mutants do a walk no harm") {
  std::mt19937_64 random(4);
  const FlatBufferBuilder builder = builder_of(sample_monster("Orc"));
  std::size_t sound = 0;
  for (std::size_t n = 0; n < scaled(10'000); ++n) {
    std::vector<std::byte> buffer(bytes_of(builder).begin(), bytes_of(builder).end());
    if (n % 4 == 0)
      for (std::byte& byte : buffer) byte = static_cast<std::byte>(random() % 16);
    for (std::size_t changes = random() % 6; changes > 0; --changes)
      buffer[random() % buffer.size()] = static_cast<std::byte>(random());
    buffer.resize(n % 3 == 0 ? random() % buffer.size() : buffer.size());
    if (is_sound(buffer)) ++sound;
  }
  CHECK(sound > 0);
}

}  // namespace
}  // namespace quire::test
