#include "quire/engine/txn/recovery.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "quire/engine/file/read_ahead.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/page/verify.hpp"
#include "quire/engine/txn/ceiling.hpp"

namespace quire {
namespace {

/// The pages that a state wrote since the last sync and still has, by the transaction that did.
using Fresh = std::map<TxnId, FreeExtents>;

/// A state that holds.
struct Accepted {
  Space space;
  std::vector<LogRecord> log;
  Fresh fresh;
};

Bytes slot_bytes(const RecoveryContext& context, std::uint32_t slot) {
  return context.map.subspan(slot_offset(slot), layout::meta_slot_size);
}

Failure no_sound_slot(const RecoveryContext& context) {
  bool is_ours = false;
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    const SlotLook look = look_at_slot(slot_bytes(context, slot));
    if (look == SlotLook::newer) return fail(ErrorCode::format_too_new);
    is_ours = is_ours || look == SlotLook::ours;
  }
  if (!is_ours) return fail(ErrorCode::not_a_database);
  return fail(Error(ErrorCode::corrupt).with_detail("none of the four meta slots is sound"));
}

/// Sound slots, newest state first; of copies of one state the newest copy.
std::vector<Meta> by_age(const Slots& slots) {
  std::vector<Meta> sound;
  for (const std::optional<Meta>& meta : slots)
    if (meta) sound.push_back(*meta);
  std::sort(sound.begin(), sound.end(), [](const Meta& left, const Meta& right) {
    return std::pair(left.state.txn, left.sequence) > std::pair(right.state.txn, right.sequence);
  });
  return sound;
}

Failure unsound(PageNo page, std::string what) {
  return fail(Error(ErrorCode::corrupt).with_page(page).with_detail(std::move(what)));
}

// ---- What a state wrote since the last sync

Failure contradiction(const LogRecord& record, Extent extent) {
  return fail(Error(ErrorCode::corrupt)
                  .with_page(extent.first)
                  .with_txn(record.txn)
                  .with_detail("the space log contradicts itself"));
}

Result<Fresh> fresh_pages(std::span<const LogRecord> log, TxnId durable) {
  Fresh fresh;
  for (const LogRecord& record : log) {
    if (record.txn <= durable) continue;
    // Its pages are in no record; a commit like that is synced before its slot is written.
    if (record.is_checkpoint)
      return fail(Error(ErrorCode::corrupt)
                      .with_txn(record.txn)
                      .with_detail("a space-log checkpoint is newer than what is durable"));
    for (const Extent& extent : record.extents)
      if (!fresh[record.txn].add(extent)) return contradiction(record, extent);
    for (const DeadExtent& dead : record.dead)
      if (dead.born > durable && !fresh[dead.born].remove(dead.extent))
        return contradiction(record, dead.extent);
  }
  return fresh;
}

/// The area of the redo log has no pages to be checked.
bool leave_out(const RedoArea& area, TxnId durable, Fresh& fresh) {
  if (!area.is_there() || area.born <= durable) return true;
  return fresh[area.born].remove(area.pages);
}

/// Checks the page, or the run, that begins here; how many pages it is.
Result<std::uint32_t> check_fresh(const Pages& pages, PageNo page, std::uint32_t at_most,
                                  TxnId born) {
  const Bytes first(pages.unchecked(page), pages.page_size());
  const PageView view(first.data(), pages.page_size());
  if (view.born() != born || view.number() != page)
    return unsound(page, "a page was not written by the transaction that took it");
  const layout::PageType type = view.type();
  if (type == layout::PageType::log_record || type == layout::PageType::log_checkpoint) {
    if (!page_checksum_holds(first, page, pages.seed())) return unsound(page, "a torn log page");
    return 1;
  }
  if (type != layout::PageType::overflow) {
    if (const auto defect = check_page(first, page, pages.seed()))
      return unsound(page, std::string(name(*defect)));
    return 1;
  }
  const std::uint64_t length = overlay<layout::OverflowHeader>(first.data())->value_length;
  if (length > layout::max_value_size) return unsound(page, "a run of no legal length");
  const std::uint32_t count = overflow_page_count(length, pages.page_size());
  if (count > at_most) return unsound(page, "a run is longer than what was taken for it");
  const Bytes run(first.data(), std::size_t{count} * pages.page_size());
  if (const auto defect = check_overflow_run(run, page, pages.seed(), length, read_ahead))
    return unsound(page, std::string(name(*defect)));
  return count;
}

Status check_fresh(const Pages& pages, const Fresh& fresh) {
  for (const auto& [born, extents] : fresh) {
    for (const Extent& extent : extents.list()) {
      for (PageNo page = extent.first; page < extent.end();) {
        const std::uint32_t left = extent.end().value - page.value;
        const Result<std::uint32_t> count = check_fresh(pages, page, left, born);
        if (!count) return fail(count);
        page = page.after(*count);
      }
    }
  }
  return {};
}

Pages pages_of(const RecoveryContext& context, const Meta& meta) {
  const Pages pages(context.map, meta.page_size, seed_of(meta.file_id), Pages::Check::always,
                    nullptr, nullptr);
  return pages.at(meta.state.page_count, meta.state.txn);
}

/// The space accounting of the state that a slot names, and whether all that it wrote is whole.
Result<Accepted> account(const RecoveryContext& context, const Meta& meta) {
  const Pages pages = pages_of(context, meta);
  Result<std::vector<LogRecord>> log =
      read_log(meta.log_tail, {meta.state.log_page, meta.state.log_born},
               [&](PageNo page, TxnId born) { return pages.log_page(page, born); });
  if (!log) return fail(log);
  if (log->back().page_count != meta.state.page_count || log->back().txn != meta.state.txn)
    return unsound(meta.state.log_page, "the space log is not that of its meta slot");
  Result<Space> space = Space::replay(*log, {layout::first_page(meta.page_size)});
  if (!space) return fail(space);
  Accepted accepted{*std::move(space), *std::move(log), {}};
  if (context.rules.verify_pages) {
    Result<Fresh> fresh = fresh_pages(accepted.log, meta.durable);
    if (!fresh) return fail(fresh);
    accepted.fresh = *std::move(fresh);
    if (!leave_out(meta.redo, meta.durable, accepted.fresh))
      return unsound(meta.redo.pages.first, "nobody took the pages of the redo log");
    if (Status whole = check_fresh(pages, accepted.fresh); !whole) return fail(whole);
  }
  return accepted;
}

/// Whether the state that a slot names is whole.
Result<Accepted> accept(const RecoveryContext& context, const Meta& meta) {
  const std::uint64_t needed = std::uint64_t{meta.state.page_count.value} * meta.page_size;
  if (needed > context.file_size)
    return unsound(no_page, "the file is shorter than its meta slot says; it was cut");
  Result<Accepted> accepted = account(context, meta);
  const bool is_only_read = !context.may_write && meta.durable == meta.state.txn;
  if (accepted || !is_only_read) return accepted;
  // Who reads what is durable for certain has no use for the space log: damage there, which the
  // check finds, does not keep anybody from saving the entries.
  return Accepted{Space(meta.state.page_count), {}, {}};
}

// ---- Making the accepted state durable

Status rewrite_bytes(const RecoveryContext& context, std::uint64_t offset, std::uint64_t end) {
  constexpr std::uint64_t piece_size = std::uint64_t{1} << 20;
  std::vector<std::byte> copy;
  for (; offset < end; offset += copy.size()) {
    const Bytes piece = context.map.subspan(offset, std::min(piece_size, end - offset));
    copy.assign(piece.begin(), piece.end());
    const Bytes bytes(copy);
    if (Status done = context.file.write(offset, {&bytes, 1}); !done) return done;
  }
  return {};
}

/// Writes again what is in the cache: after a sync that failed, the kernel may call pages clean
/// that the disk never got. The slot, too, as it is.
Status rewrite(const RecoveryContext& context, const Meta& meta, const Fresh& fresh) {
  for (const auto& [born, extents] : fresh) {
    for (const Extent& extent : extents.list()) {
      const std::uint64_t begin = std::uint64_t{extent.first.value} * meta.page_size;
      const std::uint64_t end = std::uint64_t{extent.end().value} * meta.page_size;
      if (Status done = rewrite_bytes(context, begin, end); !done) return done;
    }
  }
  const std::uint64_t slot = slot_offset(meta.state.meta_slot);
  if (Status done = rewrite_bytes(context, slot, slot + layout::meta_slot_size); !done) return done;
  return context.file.sync();
}

/// The slot with the newest state that was durable for certain: it stays as it is until the copies
/// of the accepted state are on disk.
std::uint32_t newest_durable_slot(const Slots& slots, TxnId durable, std::uint32_t otherwise) {
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot)
    if (slots[slot] && slots[slot]->state.txn == durable) return slot;
  return otherwise;
}

bool needs_copy(const RecoveryContext& context, const std::optional<Meta>& slot, const Meta& meta,
                bool is_settled) {
  const bool is_rejected = !slot || slot->state.txn > meta.state.txn;
  if (is_rejected) return context.rules.overwrite_rejected;
  return !is_settled;
}

/// Whether this slot, and all that it names, was synced: as a clean close leaves it, or a creation
/// before the file got its name. Of no other slot is that known, also when it calls its own state
/// durable: the sync that it waited for may have failed.
bool is_surely_on_disk(const Meta& meta) {
  const bool is_of_creation = meta.sequence <= layout::meta_slot_count;
  const bool is_of_close = is_ceiling_of_close(meta.state.txn, meta.ceiling);
  return meta.durable == meta.state.txn && (is_of_creation || is_of_close);
}

Status settle(const RecoveryContext& context, const Slots& slots, TxnId durable,
              const Accepted& accepted, Recovered& recovered) {
  Meta& meta = recovered.meta;
  const std::uint32_t source = meta.state.meta_slot;
  const bool is_settled = meta.durable == meta.state.txn;
  const bool is_same_boot = meta.boot_id == context.boot_id;
  if (is_same_boot && !is_surely_on_disk(meta) && context.rules.rewrite_accepted) {
    if (Status done = rewrite(context, meta, accepted.fresh); !done) return done;
    recovered.had_to_write = true;
  }
  meta.durable = meta.state.txn;
  meta.boot_id = context.boot_id;
  const std::uint32_t keep = newest_durable_slot(slots, durable, source);
  bool has_copies = false;
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    if (slot == source || slot == keep) continue;
    if (!needs_copy(context, slots[slot], meta, is_settled)) continue;
    meta.sequence = recovered.next_sequence++;
    const layout::MetaSlot copy = encode_meta(meta);
    const Bytes bytes = std::as_bytes(std::span(&copy, 1));
    if (Status done = context.file.write(slot_offset(slot), {&bytes, 1}); !done) return done;
    recovered.slots.hold(slot, meta.sequence);
    recovered.slots.set_written(slot);
    recovered.slots.set_durable(slot);
    has_copies = true;
  }
  recovered.had_to_write = recovered.had_to_write || has_copies;
  return has_copies ? context.file.sync() : Status();
}

std::vector<DeadExtent> chain_of(const std::vector<LogRecord>& log) {
  std::vector<DeadExtent> chain;
  for (const LogRecord& record : log)
    for (const PageNo page : record.pages) chain.push_back({{page, 1}, record.txn, no_txn});
  return chain;
}

Result<Recovered> take_over(const RecoveryContext& context, const Slots& slots, const Meta& meta,
                            TxnId durable, Accepted accepted) {
  const Slots::const_iterator newest =
      std::max_element(slots.begin(), slots.end(), [](auto& left, auto& right) {
        return (left ? left->sequence : 0) < (right ? right->sequence : 0);
      });
  Recovered recovered{.meta = meta,
                      .slots = {},
                      .space = std::move(accepted.space),
                      .log_chain = chain_of(accepted.log),
                      .next_sequence = (*newest)->sequence + 1,
                      .file_size = context.file_size};
  recovered.meta.ceiling = std::max((*newest)->ceiling, meta.state.txn.next());
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot)
    if (slots[slot]) recovered.slots.hold(slot, slots[slot]->sequence);
  recovered.slots.set_written(meta.state.meta_slot);
  recovered.slots.set_durable(meta.state.meta_slot);
  if (context.may_write) {
    Status done = settle(context, slots, durable, accepted, recovered);
    if (!done) return fail(done);
  }
  return recovered;
}

}  // namespace

Status write_again(const RecoveryContext& context, std::uint32_t slot) {
  const Result<std::optional<Meta>> decoded = decode_meta(slot_bytes(context, slot));
  if (!decoded) return fail(decoded);
  if (!*decoded) return unsound(no_page, "the newest meta slot is not sound");
  Meta meta = **decoded;
  meta.state.meta_slot = slot;
  const Result<Accepted> accepted = account(context, meta);
  return accepted ? rewrite(context, meta, accepted->fresh) : fail(accepted);
}

Result<Recovered> recover(const RecoveryContext& context) {
  if (context.file_size < layout::meta_area_size) {
    const bool is_ours = context.file_size >= layout::meta_slot_size &&
                         look_at_slot(context.map) != SlotLook::foreign;
    if (is_ours) return unsound(no_page, "the file is cut within its meta slots");
    return fail(ErrorCode::not_a_database);
  }
  const Result<Slots> slots = read_slots(context.map);
  if (!slots) return fail(slots);
  const bool has_any = std::any_of(slots->begin(), slots->end(), [](auto& meta) { return !!meta; });
  if (!has_any) return no_sound_slot(context);
  const std::vector<Meta> candidates = by_age(*slots);
  TxnId durable;
  for (const Meta& meta : candidates) durable = std::max(durable, meta.durable);

  std::optional<Error> first_error;
  for (const Meta& meta : candidates) {
    if (meta.state.txn < durable) break;  // never back behind what was durable
    if (context.may_write && meta.read_only_features != 0) return fail(ErrorCode::feature_unknown);
    Result<Accepted> accepted = accept(context, meta);
    if (accepted) {
      auto recovered = take_over(context, *slots, meta, durable, *std::move(accepted));
      if (recovered) recovered->rejected = first_error;
      return recovered;
    }
    if (!first_error) first_error = accepted.error();
  }
  return fail(*first_error);
}

}  // namespace quire
