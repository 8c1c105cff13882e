#include "quire/engine/txn/writer.hpp"

#include <algorithm>
#include <array>

#include "quire/engine/txn/ceiling.hpp"

namespace quire {
namespace {

/// Pages at the end of the file that only a transaction which shrinks the database may count on.
constexpr std::uint64_t reserve_pages = 16;

/// The file grows by a part of itself, so that growing is rare and slack is small.
std::uint64_t growth_step(std::uint64_t file_size, std::uint64_t page_size) {
  constexpr std::uint64_t most = std::uint64_t{64} << 20;
  const std::uint64_t step = std::clamp<std::uint64_t>(file_size / 32, 8 * page_size, most);
  return step - step % page_size;
}

/// When commits are as small as this, the space that the file grows by is written at once. Space
/// that is only allocated has to be marked as written when a commit first uses it, which lets the
/// sync of that commit wait for the disk once more (ext4: half as long again).
constexpr std::uint32_t few_pages = 64;

/// Bytes of a run that is stored page by page rather than written by a call.
constexpr std::uint64_t most_stored = std::uint64_t{16} << 10;

/// Records of states are used again after a while; well before that readers are shown a newer one.
constexpr std::uint64_t most_unpublished = Publication::record_count / 2;

using Block = std::array<std::byte, std::size_t{64} << 10>;

constexpr Block zero_block{};
constexpr Block poison_block = [] {
  Block block;
  block.fill(std::byte{0xDB});
  return block;
}();

std::uint64_t size_of(PageNo page_count, std::uint32_t page_size) {
  return std::uint64_t{page_count.value} * page_size;
}

}  // namespace

Writer::Writer(const Links& links, Recovered recovered)
    : links_(links),
      space_(std::move(recovered.space)),
      log_chain_(std::move(recovered.log_chain)),
      meta_(recovered.meta),
      written_(recovered.meta.state),
      redo_(recovered.meta, links.readers.lock_file() == nullptr ? links.options.redo_log_size : 0,
            links.options.rules),
      seen_(recovered.has_accounts() ? links.publication.written_word() : Publication::no_state),
      next_txn_(links.options.rules.id_ceiling && recovered.has_accounts()
                    ? recovered.meta.ceiling
                    : recovered.meta.state.txn.next()),
      next_sequence_(recovered.next_sequence),
      file_size_(recovered.file_size) {
  meta_.boot_id = links.files.boot_id();
  if (recovered.has_accounts()) note_space();
}

// ---- Turns among processes

Status Writer::begin_turn() {
  SharedWord& active = links_.publication.writer().active;
  const bool was_killed = active.load() != 0;
  active.store(std::uint64_t{links_.readers.process()} + 1);
  links_.readers.clear_dead();
  Status done = catch_up();
  // Nobody knows yet whether what is not durable is whole. The next first opener will.
  if (!done && done.error().code() == ErrorCode::corrupt && !links_.sync.is_all_durable())
    done = links_.sync.stop(done.error());
  if (done && was_killed) done = take_over();
  if (done) done = links_.sync.settle();
  if (done && was_killed) log_take_over();
  if (!done && !was_killed) end_turn();
  return done;
}

void Writer::log_take_over() const {
  links_.log.tell({.event = LogEvent::taken_over,
                   .path = {},
                   .txn = written_.txn,
                   .detail = "it was writing",
                   .cause = {}});
}

void Writer::end_turn() const { links_.publication.writer().active.store(0); }

Status Writer::catch_up() {
  const WriterLine& line = links_.publication.writer();
  next_sequence_ = line.sequence.load() + 1;
  meta_.ceiling = {line.ceiling.load()};
  const TxnId used{line.used.load()};
  next_txn_ = std::max(next_txn_, used.next());
  const Publication::Word written = links_.publication.written_word();
  if (written == seen_) return {};
  State state;
  links_.publication.read(written, state);
  next_txn_ = std::max(next_txn_, state.txn.next());
  const Result<std::uint64_t> size = links_.data.file().size();
  if (!size) return fail(size);
  file_size_ = *size;
  if (std::uint64_t{state.page_count.value} * links_.data.page_size() > links_.data.map().size())
    return fail(Error(ErrorCode::full)
                    .with_detail("another process made the file larger than this one's map"));
  const TxnId newest = seen_ == Publication::no_state ? no_txn : written_.txn;
  seen_ = Publication::no_state;  // unless all of it is done
  if (Status caught = catch_up_tail(state); !caught) return caught;
  if (Status caught = catch_up_accounts(state, newest); !caught) return caught;
  written_ = state;
  seen_ = written;
  return {};
}

/// What the slot of a state says of the space log. Nobody writes it: it is that of W.
Status Writer::catch_up_tail(const State& state) {
  const Bytes bytes =
      links_.data.map().subspan(slot_offset(state.meta_slot), layout::meta_slot_size);
  Result<std::optional<Meta>> meta = decode_meta(bytes);
  if (!meta) return fail(meta);
  if (!*meta || (*meta)->state.txn != state.txn)
    return fail(Error(ErrorCode::corrupt).with_detail("the newest meta slot is not sound"));
  meta_.log_tail = std::move((*meta)->log_tail);
  meta_.redo = (*meta)->redo;
  redo_.follow(meta_.redo);
  return {};
}

/// Reads what was committed since; all that the space log says when nothing is known, or a
/// checkpoint came between.
Status Writer::catch_up_accounts(const State& state, TxnId newest) {
  const Pages pages = links_.data.pages(state.page_count, state.txn);
  const Result<std::vector<LogRecord>> records = read_log(
      meta_.log_tail, {state.log_page, state.log_born},
      [&](PageNo page, TxnId born) { return pages.log_page(page, born); }, newest);
  if (!records) return fail(records);
  find_pins();
  const PageNo first{layout::first_page(links_.data.page_size())};
  if (Status caught = space_.catch_up(*records, first, pins_); !caught) return caught;
  for (const LogRecord& record : *records)
    add_to_log_chain(record.is_checkpoint, record.pages, record.txn);
  return {};
}

/// A process was killed while it had the writer's place. Nothing names what it wrote but, perhaps,
/// a meta slot that no word speaks of: it must not come back. And the newest slot may call its own
/// state durable, which it must be before anything builds on it.
Status Writer::take_over() {
  const std::uint64_t newest = links_.publication.writer().sequence.load();
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    const Bytes bytes = links_.data.map().subspan(slot_offset(slot), layout::meta_slot_size);
    const Result<std::optional<Meta>> meta = decode_meta(bytes);
    const bool is_known =
        meta && *meta && (*meta)->sequence <= newest && (*meta)->state.txn <= written_.txn;
    if (is_known) continue;
    if (Status done = overwrite_slot(slot); !done) return done;
  }
  return sync();
}

/// With one more slot for the newest written state.
Status Writer::overwrite_slot(std::uint32_t slot) {
  Meta meta = meta_;
  meta.state = written_;
  meta.durable = links_.publication.durable();
  if (Status put = put_meta(meta, slot); !put) return put;
  WriterLine& line = links_.publication.writer();
  line.slot_sequences[slot].store(meta.sequence);
  line.sequence.store(meta.sequence);
  links_.sync.note_written(0);
  return {};
}

Status Writer::write_unsynced_again() {
  const Result<std::uint64_t> size = links_.data.file().size();
  if (!size) return fail(size);
  const std::uint32_t slot = Publication::slot_of(links_.publication.written_word());
  return write_again(
      {links_.data.file(), links_.data.map(), *size, meta_.boot_id, true, links_.options.rules},
      slot);
}

void Writer::burn(TxnId txn) {
  next_txn_ = txn.next();
  note_use(txn);
}

void Writer::note_use(TxnId txn) const { links_.publication.writer().used.store(txn.value); }

/// Once: a store of this kind waits for all that were made before it, such as those of a page.
void Writer::touch() const {
  SharedWord& is_touched = links_.publication.writer().is_touched;
  if (is_touched.load() == 0) is_touched.store(1);
}

// ---- Space

void Writer::reclaim() {
  find_pins();
  const std::vector<Extent> reclaimed = space_.reclaim(pins_);
  arena().reclaim(pins_, links_.options.poison_free_pages);
  links_.readers.view(links_.publication.published(), links_.data.page_size())
      .watch(links_.options.reader_limits, [&](TxnId pin) {
        return space_.pending().page_count(pin) + arena().pending_pages(pin);
      });
  if (links_.options.poison_free_pages) poison_pages(reclaimed);
}

void Writer::find_pins() {
  const Publication& words = links_.publication;
  pins_.clear();
  if (links_.options.rules.state_pins) {
    // The published word before the reader slots: a reader that sets its slot later sees it or
    // newer. The state whose sync is in flight before the durable one, which it becomes.
    pins_.push_back(words.published());
    if (const TxnId syncing = words.syncing(); syncing != no_txn) pins_.push_back(syncing);
    pins_.push_back(words.durable());
  }
  links_.readers.collect(pins_);
  std::sort(pins_.begin(), pins_.end());
  pins_.erase(std::unique(pins_.begin(), pins_.end()), pins_.end());
}

/// What cannot be written here is no loss: nobody may look at it.
void Writer::poison_pages(std::span<const Extent> extents) {
  const std::uint32_t page_size = links_.data.page_size();
  if (!extents.empty()) touch();
  for (const Extent& extent : extents)
    static_cast<void>(
        fill(size_of(extent.first, page_size), size_of(extent.end(), page_size), poison_block));
}

bool Writer::is_log_long() const {
  const std::size_t chain = log_chain_.size();
  if (chain < std::max(links_.options.checkpoint_after, 1U)) return false;
  const std::size_t dead = space_.pending().extent_count() + chain + space_.released_count();
  const std::uint32_t needed =
      log_page_count(links_.data.page_size(), {space_.free().extent_count(), dead}, 0);
  return chain >= std::size_t{2} * needed;
}

void Writer::add_to_log_chain(bool is_checkpoint, std::span<const PageNo> pages, TxnId born) {
  if (is_checkpoint) log_chain_.clear();
  for (const PageNo page : pages) log_chain_.push_back({{page, 1}, born, no_txn});
}

void Writer::note_space() {
  WriterLine& line = links_.publication.writer();
  line.free_pages.store(space_.free().page_count(), std::memory_order_relaxed);
  line.pending_pages.store(space_.pending().page_count(), std::memory_order_relaxed);
  line.free_extents.store(space_.free().extent_count(), std::memory_order_relaxed);
  line.log_pages.store(log_chain_.size(), std::memory_order_relaxed);
  line.file_size.store(file_size_, std::memory_order_relaxed);
}

Status Writer::raise_ceiling_for(TxnId txn) {
  if (!is_name_durable_) {
    const Status done = links_.files.sync_directory(links_.path);
    if (!done) return links_.sync.stop(done.error());
    is_name_durable_ = true;
  }
  if (!links_.options.rules.id_ceiling || txn < links_.sync.synced_ceiling()) return {};
  if (txn.value >> txn_bits != 0) return fail(ErrorCode::full);
  const TxnId durable = links_.publication.durable();
  const auto named = write_slot(written_, durable, raised_ceiling(txn), GroupSync::Seen::at_once);
  return named ? sync() : fail(named);
}

Status Writer::grow_file(PageNo page_count, bool may_use_reserve, Filling filling) {
  const std::uint32_t page_size = links_.data.page_size();
  const std::uint64_t needed = size_of(page_count, page_size);
  const std::uint64_t with_reserve = needed + reserve_pages * page_size;
  if (with_reserve <= file_size_) return {};
  if (with_reserve > links_.data.map().size())
    return fail(Error(ErrorCode::full).with_detail("the map_reserve of this opening is used up"));
  const bool fills = filling == Filling::if_few_pages && arena().live() <= few_pages &&
                     page_count.value - written_.page_count.value <= few_pages;
  Status grown;
  for (const std::uint64_t size :
       {std::min<std::uint64_t>(with_reserve + growth_step(file_size_, page_size),
                                links_.data.map().size()),
        with_reserve}) {
    touch();
    grown = links_.data.file().grow(size);
    if (grown && fills) grown = fill(file_size_, size, zero_block);
    if (grown) {
      file_size_ = size;
      return {};
    }
    if (grown.error().code() != ErrorCode::no_space) return grown;
  }
  // Pages that are free further down serve erasures as well as some at the end do.
  const bool has_reserve = may_use_reserve || space_.free().page_count() >= reserve_pages;
  const bool is_enough = needed <= file_size_ && has_reserve;
  return is_enough ? Status() : grown;
}

/// Repeats the block in the file, where no state has anything.
Status Writer::fill(std::uint64_t begin, std::uint64_t end, Bytes block) const {
  while (begin < end) {
    const Bytes piece = block.first(std::min<std::uint64_t>(block.size(), end - begin));
    if (Status written = links_.data.file().write(begin, {&piece, 1}); !written) return written;
    begin += piece.size();
  }
  return {};
}

Status Writer::write_run(PageNo first, std::span<const Bytes> pieces, SyncComes comes) {
  std::uint64_t size = 0;
  for (const Bytes& piece : pieces) size += piece.size();
  const std::uint32_t page_size = links_.data.page_size();
  const std::uint64_t begin = size_of(first, page_size);
  // What was never written is not in memory yet, and long runs are worth a call.
  const bool is_new = begin + size > size_of(written_.page_count, page_size);
  if (is_new || size > most_stored) comes = SyncComes::soon;
  const Status written = put(begin, pieces, comes);
  // Not before: a sync that begins in between does not answer for it. Who syncs in the background
  // hears of it at once.
  if (comes == SyncComes::soon || links_.options.background_sync.is_on())
    links_.sync.note_written(size);
  else
    stored_ += size;
  return written;
}

Status Writer::put(std::uint64_t offset, std::span<const Bytes> pieces, SyncComes comes) {
  touch();
  // Where a thread syncs every now and then, stores make it write more than calls would save.
  if (comes == SyncComes::soon || links_.options.background_sync.is_on()) {
    counters_.write_calls.fetch_add(1, std::memory_order_relaxed);
    return links_.data.file().write(offset, pieces);
  }
  for (const Bytes& piece : pieces) {
    if (Status stored = links_.data.file().store(offset, piece); !stored) return stored;
    offset += piece.size();
  }
  return {};
}

Result<GroupSync::Named> Writer::show_resident(const State& state) {
  auto named = links_.sync.show(state);
  if (named) resident_ = state;
  return named;
}

Result<GroupSync::Named> Writer::show_recorded(const State& state, GroupSync::Seen seen) {
  touch();
  redo_.note_synced(links_.sync.newest_recorded());
  const Bytes record = redo_.seal(state.txn);
  auto named = links_.sync.show_recorded(state, redo_.offset(), record, seen);
  if (!named) return named;
  counters_.write_calls.fetch_add(1, std::memory_order_relaxed);
  redo_.add(state.txn, record);
  resident_ = state;
  return named;
}

Status Writer::clear(const Extent& pages) {
  const std::uint32_t page_size = links_.data.page_size();
  const std::uint64_t begin = size_of(pages.first, page_size);
  const std::uint64_t end = size_of(pages.end(), page_size);
  touch();
  const Status cleared = fill(begin, end, zero_block);
  links_.sync.note_written(end - begin);
  return cleared;
}

Status Writer::write_redo(std::uint64_t offset, Bytes bytes) {
  touch();
  const std::uint64_t begin = size_of(redo_.area().pages.first, links_.data.page_size());
  const Status written = links_.data.file().write(begin + offset, {&bytes, 1});
  links_.sync.note_written(bytes.size());
  return written;
}

Result<GroupSync::Named> Writer::name_state(const State& state, std::vector<std::byte> log_tail,
                                            TxnId durable, GroupSync::Seen seen) {
  // So that the readers' record is not made anew while commits pile up on a slow disk.
  if (links_.publication.unpublished() >= most_unpublished) {
    if (Status shown = sync_pages(); !shown) return fail(shown);
  }
  meta_.log_tail = std::move(log_tail);
  redo_.begin(state.txn);
  meta_.redo = redo_.area();
  const bool is_near = is_near_ceiling(state.txn, meta_.ceiling);
  auto named =
      write_slot(state, durable, is_near ? raised_ceiling(state.txn) : meta_.ceiling, seen);
  if (named) resident_.reset();
  return named;
}

Result<GroupSync::Named> Writer::write_slot(State state, TxnId durable, TxnId ceiling,
                                            GroupSync::Seen seen) {
  if (Status healthy = links_.sync.check_healthy(); !healthy) return fail(healthy);
  const std::uint32_t slot = links_.sync.slot_for_next();
  state.meta_slot = slot;
  meta_.state = state;
  meta_.durable = durable;
  meta_.ceiling = ceiling;
  seen_ = Publication::no_state;  // unless all of it is done
  const bool is_seen_now = seen == GroupSync::Seen::at_once;
  const SyncComes comes = is_seen_now ? SyncComes::later : SyncComes::soon;
  if (Status put = put_meta(meta_, slot, comes); !put) return fail(put);
  written_ = state;
  auto named = links_.sync.name(state, meta_.sequence, ceiling, seen, std::exchange(stored_, 0));
  seen_ = links_.publication.written_word();
  return named;
}

/// A slot's bytes, under the next sequence number. A failure poisons.
Status Writer::put_meta(Meta& meta, std::uint32_t slot, SyncComes comes) {
  meta.sequence = next_sequence_++;
  meta.time = links_.files.now();
  const layout::MetaSlot encoded = encode_meta(meta);
  const Bytes bytes = std::as_bytes(std::span(&encoded, 1));
  const Status written = put(slot_offset(slot), {&bytes, 1}, comes);
  return written ? written : links_.sync.poison(written.error(), meta.state.txn);
}

Status Writer::sync_pages() {
  const Status synced = links_.sync.sync();
  return synced ? synced : links_.sync.stop(synced.error());
}

Status Writer::sync() {
  const Status synced = links_.sync.sync();
  return synced ? synced : links_.sync.poison(synced.error(), written_.txn);
}

Status Writer::close() {
  if (Status healthy = links_.sync.check_healthy(); !healthy) return healthy;
  if (!is_touched()) return {};
  if (Status synced = make_durable(); !synced) return synced;
  const std::uint64_t used =
      size_of(written_.page_count.after(reserve_pages), links_.data.page_size());
  if (used < file_size_) {
    if (Status cut = links_.data.file().truncate(used); !cut) return cut;
    file_size_ = used;
  }
  // The second slot that names this state, so that damage to one cannot take it back.
  const auto named = write_slot(written_, written_.txn, next_txn_, GroupSync::Seen::at_once);
  if (!named) return fail(named);
  const Status synced = sync();
  if (synced) links_.publication.writer().is_touched.store(0);
  return synced;
}

}  // namespace quire
