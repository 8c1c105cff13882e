// What a power cut leaves open, and the ways to settle it.
//
// Each 512-byte sector of a block with unsynced writes may hold any of the versions that it had;
// each file may have its durable size or any later one; of the unsynced changes of names the first
// so many are there. A Choice settles all of that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/crash_replay.hpp"

namespace quire::test {

/// Everything that is open at one moment of a replay, which must outlive it.
struct OpenQuestions {
  struct Block {
    FileNo file;
    BlockNo block;
    const std::vector<BlockVersion>* versions;
  };

  explicit OpenQuestions(const Replay& replay);

  /// How many images there are when no block is torn; `limit` when there are as many or more.
  [[nodiscard]] std::size_t image_count(std::size_t limit) const;

  std::vector<Block> blocks;
  std::vector<const std::vector<std::uint64_t>*> sizes;  // of each file
  std::vector<Names> names;                              // after 0, 1, ... changes
};

/// Which version each sector of each open block has: 0 is the durable one, n the n-th written.
using Sectors = std::array<std::uint16_t, sectors_per_block>;

struct Choice {
  std::string_view reason;  // why it is tried, for people
  std::vector<Sectors> blocks;
  std::vector<std::size_t> sizes;  // indexes into the sizes of each file
  std::size_t names = 0;           // how many changes of names are there

  /// The version that all sectors of a block have.
  void set_block(std::size_t index, std::size_t version) {
    blocks[index].fill(static_cast<std::uint16_t>(version));
  }
};

/// The choice in which nothing reached the disk: the first one of an enumeration.
Choice nothing_reached(const OpenQuestions& open);

/// Steps through every choice without torn blocks, leaving out those that only differ in what no
/// name or size shows. False after the last.
bool next_choice(const OpenQuestions& open, Choice& choice);

/// The index-th choice of a random sequence in which cases that break engines come often.
Choice sample_choice(const OpenQuestions& open, std::size_t index, std::uint64_t seed);

/// The same number for choices that leave the same to see on the disk.
std::uint64_t fingerprint(const OpenQuestions& open, const Choice& choice);

/// What a choice says, for the message of a failed test.
std::string describe(const OpenQuestions& open, const Choice& choice);

}  // namespace quire::test
