#include "quire/engine/txn/meta.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/checksum.hpp"

namespace quire {
namespace {

using layout::MetaSlot;
using layout::NearTable;

Bytes checked_part(const MetaSlot& slot) {
  return std::as_bytes(std::span(&slot, 1)).first(offsetof(MetaSlot, checksum));
}

bool checksum_holds(const MetaSlot& slot) {
  const auto sum = checksum128(checked_part(slot));
  return slot.checksum[0] == sum[0] && slot.checksum[1] == sum[1];
}

bool has_magic(const MetaSlot& slot) {
  return std::memcmp(slot.magic, layout::magic, sizeof(layout::magic)) == 0;
}

// ---- Near tables

TreeRoot near_root_of(const NearTable& near) {
  return {.page = PageNo{near.root},
          .table = {near.id},
          .entries = near.entry_count,
          .level = near.level,
          .alignment_log2 = near.alignment_log2};
}

NearTable encode_near(const TreeRoot& root) {
  NearTable near{};
  near.id = root.table.value;
  near.root = root.page.raw();
  near.entry_count = root.entries;
  near.level = root.level;
  near.alignment_log2 = root.alignment_log2;
  return near;
}

bool near_tables_make_sense(const State& state, const auto& is_page) {
  for (std::size_t index = 0; index < state.near.size(); ++index) {
    const TreeRoot& root = state.near[index];
    if (root == TreeRoot{}) continue;
    const bool is_sound = root.table.value == index + 1 && root.table < state.next_table &&
                          root.level <= max_level &&
                          root.alignment_log2 <= layout::max_alignment_log2 &&
                          root.page.is_none() == (root.entries == 0) &&
                          (root.page.is_none() || is_page(root.page.raw()));
    if (!is_sound) return false;
  }
  return true;
}

// ---- All of a slot

std::vector<std::byte> tail_of(const MetaSlot& slot) {
  const Bytes bytes = std::as_bytes(std::span(&slot, 1));
  const Bytes tail = bytes.subspan(offsetof(MetaSlot, log_tail), slot.log_tail_size);
  return {tail.begin(), tail.end()};
}

// ---- The redo log

bool has_redo(const MetaSlot& slot) {
  return (slot.incompatible_features & layout::redo_log_feature) != 0;
}

std::size_t tail_room(const MetaSlot& slot) {
  return has_redo(slot) ? layout::log_tail_room : layout::log_tail_room_without_redo;
}

RedoArea redo_of(const MetaSlot& slot) {
  if (!has_redo(slot)) return {};
  return {.pages = {PageNo{slot.redo.first_page}, slot.redo.page_count}, .born = {slot.redo.born}};
}

void encode_redo(const RedoArea& area, MetaSlot& slot) {
  if (!area.is_there()) return;
  QUIRE_ASSERT(slot.log_tail_size <= layout::log_tail_room);
  slot.incompatible_features = layout::redo_log_feature;
  slot.redo.first_page = area.pages.first.value;
  slot.redo.page_count = area.pages.count;
  slot.redo.born = area.born.value;
}

bool redo_makes_sense(const Meta& meta) {
  const RedoArea& area = meta.redo;
  const std::uint64_t end = std::uint64_t{area.pages.first.value} + area.pages.count;
  return area.is_there() && area.pages.first.value >= layout::first_page(meta.page_size) &&
         end <= meta.state.page_count.value && area.born != no_txn && area.born <= meta.state.txn;
}

State state_of(const MetaSlot& slot) {
  State state;
  state.txn = {slot.txn};
  state.catalog = {.page = PageNo{slot.catalog_root},
                   .table = catalog_table,
                   .entries = slot.catalog_entries,
                   .level = slot.catalog_level};
  state.page_count = {slot.page_count};
  state.log_page = {slot.log_page};
  state.log_born = {slot.log_born};
  state.next_table = {slot.next_table};
  std::ranges::transform(slot.near, state.near.begin(), near_root_of);
  return state;
}

/// Numbers that no writer of this version produces, whatever the file's length.
bool makes_sense(const Meta& meta) {
  const State& state = meta.state;
  if (meta.page_size < layout::min_page_size || meta.page_size > layout::max_page_size ||
      !std::has_single_bit(meta.page_size))
    return false;
  const std::uint32_t first = layout::first_page(meta.page_size);
  const auto is_page = [&](std::uint32_t page) {
    return page >= first && page < state.page_count.value;
  };
  const bool has_catalog = !state.catalog.page.is_none();
  return state.txn != no_txn && meta.durable <= state.txn && meta.ceiling > state.txn &&
         state.page_count.value < max_page_count && is_page(state.log_page.value) &&
         state.log_born != no_txn && state.log_born <= state.txn &&
         state.catalog.level <= max_level && (!has_catalog || is_page(state.catalog.page.raw())) &&
         has_catalog == (state.catalog.entries != 0) && state.next_table != catalog_table &&
         near_tables_make_sense(state, is_page);
}

}  // namespace

FileSeed seed_of(const FileId& file_id) {
  std::uint8_t bytes[sizeof(FileId)];
  std::copy(file_id.begin(), file_id.end(), bytes);
  return file_seed(bytes);
}

layout::MetaSlot encode_meta(const Meta& meta) {
  MetaSlot slot{};
  std::memcpy(slot.magic, layout::magic, sizeof(slot.magic));
  slot.format_version = layout::format_version;
  slot.page_size = meta.page_size;
  slot.compatible_features = meta.compatible_features;
  slot.read_only_features = meta.read_only_features;
  std::copy(meta.file_id.begin(), meta.file_id.end(), slot.file_id);
  slot.sequence = meta.sequence;
  slot.txn = meta.state.txn.value;
  slot.durable = meta.durable.value;
  slot.ceiling = meta.ceiling.value;
  slot.log_born = meta.state.log_born.value;
  slot.page_count = meta.state.page_count.value;
  slot.catalog_root = meta.state.catalog.page.raw();
  slot.catalog_entries = meta.state.catalog.entries;
  slot.log_page = meta.state.log_page.value;
  slot.next_table = meta.state.next_table.value;
  slot.catalog_level = meta.state.catalog.level;
  std::ranges::transform(meta.state.near, slot.near, encode_near);
  slot.log_tail_size = static_cast<std::uint16_t>(meta.log_tail.size());
  const MutableBytes bytes = std::as_writable_bytes(std::span(&slot, 1));
  copy_bytes(bytes.subspan(offsetof(MetaSlot, log_tail)).data(), meta.log_tail);
  encode_redo(meta.redo, slot);
  slot.time = meta.time;
  std::copy(meta.boot_id.begin(), meta.boot_id.end(), slot.boot_id);
  const auto sum = checksum128(checked_part(slot));
  slot.checksum[0] = sum[0];
  slot.checksum[1] = sum[1];
  return slot;
}

Result<std::optional<Meta>> decode_meta(Bytes bytes) {
  const auto& slot = *overlay<MetaSlot>(bytes.data());
  if (!has_magic(slot)) return std::optional<Meta>();
  if (!checksum_holds(slot)) return std::optional<Meta>();
  if (slot.format_version > layout::format_version) return fail(ErrorCode::format_too_new);
  if ((slot.incompatible_features & ~layout::redo_log_feature) != 0)
    return fail(ErrorCode::feature_unknown);
  if (slot.log_tail_size > tail_room(slot)) return std::optional<Meta>();
  Meta meta{.state = state_of(slot),
            .durable = {slot.durable},
            .ceiling = {slot.ceiling},
            .sequence = slot.sequence,
            .page_size = slot.page_size,
            .compatible_features = slot.compatible_features,
            .read_only_features = slot.read_only_features,
            .file_id = std::to_array(slot.file_id),
            .boot_id = std::to_array(slot.boot_id),
            .time = slot.time,
            .log_tail = tail_of(slot),
            .redo = redo_of(slot)};
  if (!makes_sense(meta)) return std::optional<Meta>();
  if (has_redo(slot) && !redo_makes_sense(meta)) return std::optional<Meta>();
  return std::optional<Meta>(std::move(meta));
}

Result<Slots> read_slots(Bytes map) {
  Slots slots;
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    Result<std::optional<Meta>> meta =
        decode_meta(map.subspan(slot_offset(slot), layout::meta_slot_size));
    if (!meta) return fail(meta);
    slots[slot] = *std::move(meta);
    if (slots[slot]) slots[slot]->state.meta_slot = slot;
  }
  return slots;
}

SlotLook look_at_slot(Bytes bytes) {
  const auto& slot = *overlay<MetaSlot>(bytes.data());
  if (!has_magic(slot)) return SlotLook::foreign;
  return slot.format_version > layout::format_version ? SlotLook::newer : SlotLook::ours;
}

std::uint32_t SlotTurns::spare() const {
  std::optional<std::uint32_t> best;
  for (std::uint32_t slot = 0; slot < sequences_.size(); ++slot) {
    if (slot == written_ || slot == syncing_ || slot == durable_) continue;
    if (!best || sequences_[slot] < sequences_[*best]) best = slot;
  }
  return *best;
}

}  // namespace quire
