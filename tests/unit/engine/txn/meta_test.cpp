#include "quire/engine/txn/meta.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "quire/engine/base/checksum.hpp"
#include "support/volume.hpp"

namespace quire {
namespace {

using test::scaled;

/// A slot in which every field has a value of its own.
Meta full_meta() {
  Meta meta;
  meta.state.txn = {0x1234'5678'9abc};
  meta.state.catalog = {
      .page = PageNo{301}, .table = catalog_table, .entries = 0x1'0000'0007, .level = 3};
  meta.state.page_count = {90'001};
  meta.state.log_page = {77'777};
  meta.state.log_born = {0x1234'5678'9abb};
  meta.state.next_table = {44};
  for (std::uint32_t index = 0; index < State::near_tables; ++index)
    meta.state.near[index] = {.page = PageNo{400 + index},
                              .table = {index + 1},
                              .entries = 0x7'0000'0000U + index,
                              .level = static_cast<Level>(index),
                              .alignment_log2 = static_cast<std::uint8_t>(index % 7)};
  meta.durable = {0x1234'5678'0000};
  meta.ceiling = {0x2345'6789'abcd};
  meta.sequence = 0xfedc'ba98'7654'3210;
  meta.page_size = 16384;
  meta.compatible_features = 0x8000'0000'0000'0001;
  meta.read_only_features = 0x4000'0000'0000'0002;
  for (std::uint8_t index = 0; index < 16; ++index) {
    meta.file_id[index] = static_cast<std::uint8_t>(index + 100);
    meta.boot_id[index] = static_cast<std::uint8_t>(200 - index);
  }
  meta.time = 1'700'000'000'123'456'789;
  meta.redo = {.pages = {{70'001}, 2048}, .born = {0x1234'5678'0001}};
  for (std::uint8_t value = 0; value < 200; ++value) meta.log_tail.push_back(std::byte{value});
  return meta;
}

Bytes bytes_of(const layout::MetaSlot& slot) { return std::as_bytes(std::span(&slot, 1)); }

std::optional<Meta> decoded(const layout::MetaSlot& slot) {
  return decode_meta(bytes_of(slot)).value();
}

/// What a later version would write, with a checksum that holds.
layout::MetaSlot sealed(layout::MetaSlot slot) {
  const auto sum = checksum128(bytes_of(slot).first(offsetof(layout::MetaSlot, checksum)));
  slot.checksum[0] = sum[0];
  slot.checksum[1] = sum[1];
  return slot;
}

TEST_CASE("a meta slot says everything that was put into it") {
  const Meta meta = full_meta();
  const std::optional<Meta> back = decoded(encode_meta(meta));
  REQUIRE(back);
  CHECK(back->state.txn == meta.state.txn);
  CHECK(back->state.catalog.page == meta.state.catalog.page);
  CHECK(back->state.catalog.table == catalog_table);
  CHECK(back->state.catalog.entries == meta.state.catalog.entries);
  CHECK(back->state.catalog.level == meta.state.catalog.level);
  CHECK(back->state.page_count == meta.state.page_count);
  CHECK(back->state.log_page == meta.state.log_page);
  CHECK(back->state.log_born == meta.state.log_born);
  CHECK(back->state.next_table == meta.state.next_table);
  CHECK(back->state.near == meta.state.near);
  CHECK(back->durable == meta.durable);
  CHECK(back->ceiling == meta.ceiling);
  CHECK(back->sequence == meta.sequence);
  CHECK(back->page_size == meta.page_size);
  CHECK(back->compatible_features == meta.compatible_features);
  CHECK(back->read_only_features == meta.read_only_features);
  CHECK(back->file_id == meta.file_id);
  CHECK(back->boot_id == meta.boot_id);
  CHECK(back->time == meta.time);
  CHECK(back->log_tail == meta.log_tail);
  CHECK(back->redo.pages == meta.redo.pages);
  CHECK(back->redo.born == meta.redo.born);
  // Nothing that a slot holds is lost on the way: what was decoded makes the same bytes.
  const layout::MetaSlot first = encode_meta(meta);
  const layout::MetaSlot second = encode_meta(*back);
  CHECK(equal(bytes_of(first), bytes_of(second)));
}

TEST_CASE("no bit of a meta slot can flip unnoticed") {
  const layout::MetaSlot sound = encode_meta(full_meta());
  const std::size_t bit_count = sizeof(sound) * 8;
  // A prime step visits bits of every byte and every weight when not all can be tried.
  const std::size_t step = scaled(1000) >= 1000 ? 1 : 17;
  for (std::size_t bit = 0; bit < bit_count; bit += step) {
    std::array<std::byte, sizeof(sound)> bytes{};
    copy_bytes(bytes.data(), bytes_of(sound));
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    const Result<std::optional<Meta>> read = decode_meta(bytes);
    CAPTURE(bit);
    REQUIRE(read.has_value());
    REQUIRE_FALSE(read->has_value());
  }
}

TEST_CASE("a slot of a later version is told from a damaged one") {
  layout::MetaSlot newer = encode_meta(full_meta());
  newer.format_version = layout::format_version + 1;
  CHECK_FALSE(decoded(newer).has_value());  // its checksum does not hold
  CHECK(look_at_slot(bytes_of(newer)) == SlotLook::newer);
  newer = sealed(newer);
  const Result<std::optional<Meta>> read = decode_meta(bytes_of(newer));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code() == ErrorCode::format_too_new);
}

TEST_CASE("a slot with an unknown incompatible feature is refused, with others it is read") {
  layout::MetaSlot slot = encode_meta(full_meta());
  for (unsigned bit = 1; bit < 64; ++bit) {  // the first one is known
    slot.incompatible_features = std::uint64_t{1} << bit;
    const layout::MetaSlot changed = sealed(slot);
    const Result<std::optional<Meta>> read = decode_meta(bytes_of(changed));
    CAPTURE(bit);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code() == ErrorCode::feature_unknown);
  }
}

TEST_CASE("bytes without the magic are foreign") {
  layout::MetaSlot slot = encode_meta(full_meta());
  CHECK(look_at_slot(bytes_of(slot)) == SlotLook::ours);
  slot.magic[3] = 'Q';
  const layout::MetaSlot changed = sealed(slot);
  CHECK(look_at_slot(bytes_of(changed)) == SlotLook::foreign);
  CHECK_FALSE(decoded(changed).has_value());
  const layout::MetaSlot nothing{};
  CHECK(look_at_slot(bytes_of(nothing)) == SlotLook::foreign);
}

/// Each makes one number of a sound slot into one that no writer produces.
const std::vector<void (*)(Meta&)>& nonsense() {
  static const std::vector<void (*)(Meta&)> changes = {
      [](Meta& meta) { meta.page_size = 2048; },
      [](Meta& meta) { meta.page_size = 131072; },
      [](Meta& meta) { meta.page_size = 12288; },
      [](Meta& meta) { meta.state.txn = no_txn; },
      [](Meta& meta) { meta.state.near[3].table = {5}; },
      [](Meta& meta) { meta.state.near[3].table = catalog_table; },
      [](Meta& meta) { meta.state.near[3].page = PageNo{}; },
      [](Meta& meta) { meta.state.near[3].page = PageNo{3}; },
      [](Meta& meta) { meta.state.near[3].page = PageNo{90'001}; },
      [](Meta& meta) { meta.state.near[3].page = PageRef::in_arena(1); },
      [](Meta& meta) { meta.state.near[3].entries = 0; },
      [](Meta& meta) { meta.state.near[3].level = max_level + 1; },
      [](Meta& meta) { meta.state.near[3].alignment_log2 = layout::max_alignment_log2 + 1; },
      [](Meta& meta) { meta.state.next_table = {16}; },
      [](Meta& meta) { meta.durable = meta.state.txn.next(); },
      [](Meta& meta) { meta.ceiling = meta.state.txn; },
      [](Meta& meta) { meta.state.page_count = {static_cast<std::uint32_t>(max_page_count)}; },
      [](Meta& meta) { meta.state.log_page = meta.state.page_count; },
      [](Meta& meta) { meta.state.log_page = {layout::first_page(meta.page_size) - 1}; },
      [](Meta& meta) { meta.state.log_born = meta.state.txn.next(); },
      [](Meta& meta) { meta.state.log_born = no_txn; },
      [](Meta& meta) { meta.state.catalog.level = max_level + 1; },
      [](Meta& meta) { meta.state.catalog.page = meta.state.page_count; },
      [](Meta& meta) { meta.state.catalog.page = PageNo{1}; },
      [](Meta& meta) { meta.state.catalog.page = PageNo{}; },
      [](Meta& meta) { meta.state.catalog.entries = 0; },
      [](Meta& meta) { meta.state.next_table = catalog_table; },
      [](Meta& meta) { meta.redo.pages.first = {layout::first_page(meta.page_size) - 1}; },
      [](Meta& meta) { meta.redo.pages.count = 20'001; },
      [](Meta& meta) { meta.redo.pages.count = UINT32_MAX; },
      [](Meta& meta) { meta.redo.born = no_txn; },
      [](Meta& meta) { meta.redo.born = meta.state.txn.next(); },
  };
  return changes;
}

TEST_CASE("a number that no writer produces makes a slot worthless") {
  for (std::size_t index = 0; index < nonsense().size(); ++index) {
    Meta meta = full_meta();
    nonsense()[index](meta);
    CAPTURE(index);
    CHECK_FALSE(decoded(encode_meta(meta)).has_value());
  }
}

// Law: whatever order slots are written and synced in, the spare is neither the newest written one
// nor one whose sync is in flight, nor the newest durable one.
TEST_CASE("the spare slot is one that no recovery needs") {
  constexpr unsigned steps = 12;
  for (unsigned syncs = 0; syncs < 1U << steps; ++syncs) {
    std::optional<std::uint32_t> syncing;
    SlotTurns turns;
    for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) turns.hold(slot, slot + 1);
    turns.set_written(3);
    turns.set_durable(3);
    for (unsigned step = 0; step < steps; ++step) {
      const std::uint32_t spare = turns.spare();
      CAPTURE(syncs);
      CAPTURE(step);
      REQUIRE(spare < layout::meta_slot_count);
      REQUIRE(spare != turns.written());
      REQUIRE(spare != turns.durable());
      REQUIRE(spare != syncing);
      turns.hold(spare, layout::meta_slot_count + 1 + step);
      turns.set_written(spare);
      if ((syncs >> step & 1) == 0) continue;
      if (syncing) turns.set_durable(*syncing);  // one sync ends, the next begins
      syncing = spare;
      turns.set_syncing(syncing);
    }
  }
}

TEST_CASE("of the slots that may be written the one with the oldest content is taken") {
  SlotTurns turns;
  const std::array<std::uint64_t, 4> sequences = {7, 3, 9, 5};
  for (std::uint32_t slot = 0; slot < 4; ++slot) turns.hold(slot, sequences[slot]);
  turns.set_written(2);
  turns.set_durable(1);
  CHECK(turns.spare() == 3);
  turns.set_durable(2);
  CHECK(turns.spare() == 1);
}

TEST_CASE("files of different ids have different seeds") {
  FileId id{};
  std::vector<std::uint64_t> seeds = {seed_of(id).value};
  for (std::uint8_t& byte : id) {
    byte = 1;
    seeds.push_back(seed_of(id).value);
    byte = 0;
  }
  std::sort(seeds.begin(), seeds.end());
  CHECK(std::adjacent_find(seeds.begin(), seeds.end()) == seeds.end());
}

}  // namespace
}  // namespace quire
