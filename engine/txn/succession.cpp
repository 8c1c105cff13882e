#include "quire/engine/txn/succession.hpp"

namespace quire {
namespace {

/// The slot's state, when it is the one that a word speaks of.
const Meta* find(const Slots& slots, const LeftWords& left, Publication::Word word) {
  const std::uint32_t slot = Publication::slot_of(word);
  if (slot >= slots.size() || !slots[slot]) return nullptr;
  const bool is_it = slots[slot]->state.txn == Publication::txn_of(word) &&
                     slots[slot]->sequence == left.slot_sequences[slot];
  return is_it ? &*slots[slot] : nullptr;
}

/// The words speak of the slot as it is: of the newest one, also of its ceiling, which a close
/// lowers.
bool is_spoken_of(const Meta& meta, std::uint32_t slot, const LeftWords& left) {
  if (meta.sequence != left.slot_sequences[slot]) return false;
  return meta.sequence != left.sequence || meta.ceiling.value == left.ceiling;
}

/// What a killed writer may have put into a slot before a word spoke of it. Not what raises the
/// ceiling: somebody else may have written under the ids below it, of whom these words know
/// nothing.
bool is_of_killed_writer(const Meta& meta, const LeftWords& left) {
  return meta.sequence == left.sequence + 1 && meta.ceiling.value <= left.ceiling;
}

/// A writer that was killed has written one slot at most that no word speaks of, after all others.
bool are_as_left(const Slots& slots, const LeftWords& left) {
  std::uint32_t differ = 0;
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot] && is_spoken_of(*slots[slot], slot, left)) continue;
    if (slots[slot] && !is_of_killed_writer(*slots[slot], left)) return false;
    ++differ;
  }
  return differ <= (left.active != 0 ? 1U : 0U);
}

/// Whether it is the same state, whichever slot and record the words name it by.
bool is_same(Publication::Word word, Publication::Word other) {
  return Publication::txn_of(word) == Publication::txn_of(other);
}

/// Those who read saw the newest state, or the durable one while a sync was awaited. Of another one
/// nothing is known any more.
bool is_published_known(const LeftWords& left) {
  return is_same(left.published, left.written) || is_same(left.published, left.durable);
}

bool fits(const Meta& meta, const LeftWords& left, const RecoveryContext& context) {
  const std::uint64_t size = std::uint64_t{meta.state.page_count.value} * meta.page_size;
  return meta.file_id == left.header.file_id && meta.page_size == left.header.page_size &&
         meta.read_only_features == 0 && size <= context.file_size && size <= context.map.size();
}

}  // namespace

bool Inheritance::is_shown() const { return is_same(left.published, left.written); }

bool Inheritance::is_synced() const {
  return is_same(left.durable, left.written) && left.syncing == Publication::no_state &&
         left.writes == left.covered_writes;
}

std::optional<Recovered> succeed(const LeftWords& left, const RecoveryContext& context) {
  const bool is_healthy = left.poison == 0 && is_published_known(left);
  if (!is_healthy || context.file_size < layout::meta_area_size) return std::nullopt;
  const Result<Slots> slots = read_slots(context.map);
  if (!slots || !are_as_left(*slots, left)) return std::nullopt;
  const Meta* const written = find(*slots, left, left.written);
  const Meta* const durable = find(*slots, left, left.durable);
  if (written == nullptr || durable == nullptr || !fits(*written, left, context))
    return std::nullopt;
  Recovered recovered{.meta = *written,
                      .slots = {},
                      .space = Space(no_page),
                      .log_chain = {},
                      .next_sequence = left.sequence + 1,
                      .file_size = context.file_size,
                      .had_to_write = false,
                      .rejected = {},
                      .is_joined = false,
                      .inherited = Inheritance{durable->state, left}};
  recovered.meta.ceiling = TxnId{left.ceiling};
  for (std::uint32_t slot = 0; slot < slots->size(); ++slot)
    recovered.slots.hold(slot, left.slot_sequences[slot]);
  return recovered;
}

void inherit(Publication& words, const Recovered& recovered) {
  const Inheritance& inherited = *recovered.inherited;
  const LeftWords& left = inherited.left;
  Publication::Word newest = words.written_word();
  if (recovered.meta.state.txn != inherited.durable.txn)
    newest = words.set_written(recovered.meta.state);
  if (inherited.is_shown()) words.publish(newest);
  WriterLine& writer = words.writer();
  writer.active.store(left.active);
  writer.used.store(left.used);
  writer.is_touched.store(left.is_touched);
  writer.free_pages.store(left.space[0]);
  writer.pending_pages.store(left.space[1]);
  writer.free_extents.store(left.space[2]);
  writer.log_pages.store(left.space[3]);
  writer.file_size.store(recovered.file_size);
  SyncLine& sync = words.sync();
  sync.synced_ceiling.store(left.synced_ceiling);
  if (inherited.is_synced()) return;
  // As one in which a process was killed: whoever comes to it writes all of it again first.
  sync.written_bytes.store(left.written_bytes - left.covered_bytes);
  sync.writes.store(1);
  sync.started.store(1);
  if (!inherited.is_shown()) writer.awaited.store(1);
  words.set_syncing(newest);
}

}  // namespace quire
