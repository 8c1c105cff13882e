#include "quire/engine/txn/succession.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quire/engine/file/memory_file.hpp"

namespace quire {
namespace {

constexpr std::uint32_t page_size = layout::default_page_size;
constexpr TxnId durable_txn{20};
constexpr TxnId newest_txn{21};
constexpr std::uint64_t ceiling = 5'000;

constexpr Publication::Word word_of(TxnId txn, std::uint64_t slot, std::uint64_t record) {
  return txn.value << 16 | slot << 8 | record;
}

/// A file and what killed processes said of it: slot 2 has the newest state, slot 1 the durable
/// one.
struct LeftBehind {
  LeftBehind() {
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
      Meta& meta = slots[slot];
      meta.state.txn = {19};
      meta.state.page_count = {40};
      meta.state.log_page = {39};
      meta.state.log_born = {19};
      meta.sequence = 100 + slot;
      meta.ceiling = {ceiling};
      meta.page_size = page_size;
      meta.file_id = {1, 2, 3};
    }
    slots[1].state.txn = durable_txn;
    slots[2].state.txn = newest_txn;
    slots[2].durable = durable_txn;
    slots[3].sequence = 99;
    left.header.file_id = slots[0].file_id;
    left.header.page_size = page_size;
    left.published = left.written = word_of(newest_txn, 2, 7);
    left.durable = word_of(durable_txn, 1, 6);
    left.sequence = 102;
    left.ceiling = left.synced_ceiling = ceiling;
    left.used = newest_txn.value;
    left.is_touched = 1;
    left.slot_sequences = {100, 101, 102, 99};
    left.writes = 9;
    left.covered_writes = 5;
  }

  [[nodiscard]] std::optional<Recovered> go_on() const {
    std::vector<std::byte> bytes(std::size_t{64} * page_size);
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
      const layout::MetaSlot encoded = encode_meta(slots[slot]);
      copy_bytes(bytes.data() + slot_offset(slot), std::as_bytes(std::span(&encoded, 1)));
      if (slot == torn) bytes[slot_offset(slot) + 40] ^= std::byte{1};
    }
    MemoryFileSystem files;
    const auto file = files.create_beside("file").value();
    return succeed(left, {*file, bytes, file_size, {}, true, {}});
  }

  std::array<Meta, 4> slots;
  LeftWords left{};
  std::size_t file_size = std::size_t{40} * page_size;
  std::uint32_t torn = 4;  ///< none
};

/// As an opening sets them.
Publication words_in(ControlBlock& block, const Recovered& recovered) {
  Publication words(block, recovered.inherited->durable);
  inherit(words, recovered);
  return words;
}

TEST_CASE("who goes on where killed processes stopped has their words") {
  const LeftBehind behind;
  const auto recovered = behind.go_on();
  REQUIRE(recovered.has_value());
  ControlBlock block;
  const Publication words = words_in(block, *recovered);
  CHECK(words.written() == newest_txn);
  CHECK(words.published() == newest_txn);
  CHECK(words.syncing() == newest_txn);  // as a sync in which somebody was killed
  CHECK(words.durable() == durable_txn);
  CHECK(Publication::slot_of(words.durable_word()) == 1);
  CHECK(Publication::slot_of(words.written_word()) == 2);
  CHECK(block.sync.started.load() > block.sync.finished.load());
  CHECK(block.sync.writes.load() != block.sync.covered_writes.load());
  CHECK(block.sync.synced_ceiling.load() == ceiling);
  CHECK(block.writer.used.load() == newest_txn.value);
  CHECK(recovered->next_sequence == 103);
  CHECK_FALSE(recovered->has_accounts());
}

TEST_CASE("what nobody had seen when all were killed waits for the sync that they left") {
  LeftBehind behind;
  behind.left.published = behind.left.durable;
  const auto recovered = behind.go_on();
  REQUIRE(recovered.has_value());
  ControlBlock block;
  const Publication words = words_in(block, *recovered);
  CHECK(words.published() == durable_txn);
  CHECK(words.written() == newest_txn);
  CHECK(block.writer.awaited.load() > block.sync.finished.load());
}

TEST_CASE("a slot that a killed writer was about to name may be another, and no other slot") {
  LeftBehind behind;
  const auto name_next = [&] {
    behind.slots[3].state.txn = {22};
    behind.slots[3].sequence = 103;
  };
  SUBCASE("one that is whole") { name_next(); }
  SUBCASE("one that is torn") { behind.torn = 3; }
  CHECK_FALSE(behind.go_on().has_value());  // nobody was writing
  behind.left.active = 3;
  CHECK(behind.go_on().has_value());
  behind.slots[0].sequence = 104;
  CHECK_FALSE(behind.go_on().has_value());
}

/// Something else than what the words speak of.
struct Change {
  std::string what;
  std::function<void(LeftBehind&)> make;
};

const Change changes[] = {
    {"a failed sync", [](LeftBehind& behind) { behind.left.poison = 1; }},
    {"another file", [](LeftBehind& behind) { behind.left.header.file_id[0] = 9; }},
    {"another page size", [](LeftBehind& behind) { behind.left.header.page_size *= 2; }},
    {"readers of a state between",
     [](LeftBehind& behind) {
       behind.slots[2].state.txn = {25};
       behind.left.written = word_of({25}, 2, 7);
     }},
    {"another newest state", [](LeftBehind& behind) { behind.slots[2].state.txn = {25}; }},
    {"another durable state", [](LeftBehind& behind) { behind.slots[1].state.txn = {18}; }},
    {"a slot written since", [](LeftBehind& behind) { behind.slots[2].sequence = 103; }},
    {"the slot of the newest state torn",
     [](LeftBehind& behind) {
       behind.left.active = 1;
       behind.torn = 2;
     }},
    // Killed between the sequence number of its last slot, which lowers the ceiling, and the word
    // for that.
    {"a lower ceiling than they know of",
     [](LeftBehind& behind) {
       behind.left.active = 1;
       behind.slots[2].ceiling = newest_txn.next();
     }},
    // Somebody else wrote under the ids up to it.
    {"a higher ceiling than they know of",
     [](LeftBehind& behind) {
       behind.left.active = 1;
       behind.slots[3].sequence = 103;
       behind.slots[3].ceiling = {2 * ceiling};
     }},
    {"features of later versions",
     [](LeftBehind& behind) { behind.slots[2].read_only_features = 1; }},
    {"a file that was cut", [](LeftBehind& behind) { behind.file_size -= page_size; }},
    {"a file that was cut within the slots", [](LeftBehind& behind) { behind.file_size = 5'000; }},
};

TEST_CASE("nobody goes on from anything but what the words speak of") {
  for (const Change& change : changes) {
    CAPTURE(change.what);
    LeftBehind behind;
    REQUIRE(behind.go_on().has_value());
    change.make(behind);
    CHECK_FALSE(behind.go_on().has_value());
  }
}

}  // namespace
}  // namespace quire
