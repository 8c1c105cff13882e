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
      arena_(links.data.page_size),
      log_chain_(std::move(recovered.log_chain)),
      meta_(recovered.meta),
      written_(recovered.meta.state),
      next_txn_(links.options.rules.id_ceiling ? recovered.meta.ceiling
                                               : recovered.meta.state.txn.next()),
      next_sequence_(recovered.next_sequence),
      file_size_(recovered.file_size),
      is_untouched_(!recovered.had_to_write) {
  meta_.boot_id = links.files.boot_id();
  note_space();
}

void Writer::reclaim() {
  const Publication& words = links_.publication;
  pins_.clear();
  if (links_.options.rules.state_pins) {
    // The published word before the reader slots: a reader that sets its slot later sees it or
    // newer. The state whose sync is in flight before the durable one, which it becomes.
    pins_.push_back(words.published());
    if (words.syncing() != no_txn) pins_.push_back(words.syncing());
    pins_.push_back(words.durable());
  }
  links_.readers.collect(pins_);
  std::sort(pins_.begin(), pins_.end());
  pins_.erase(std::unique(pins_.begin(), pins_.end()), pins_.end());
  const std::vector<Extent> reclaimed = space_.reclaim(pins_);
  if (links_.options.poison_free_pages) poison_pages(reclaimed);
}

/// What cannot be written here is no loss: nobody may look at it.
void Writer::poison_pages(std::span<const Extent> extents) {
  const std::uint32_t page_size = links_.data.page_size;
  if (!extents.empty()) is_untouched_ = false;
  for (const Extent& extent : extents)
    static_cast<void>(
        fill(size_of(extent.first, page_size), size_of(extent.end(), page_size), poison_block));
}

void Writer::add_to_log_chain(bool is_checkpoint, std::span<const PageNo> pages, TxnId born) {
  if (is_checkpoint) log_chain_.clear();
  for (const PageNo page : pages) log_chain_.push_back({{page, 1}, born, no_txn});
}

void Writer::note_space() {
  counters_.free_pages.store(space_.free().page_count(), std::memory_order_relaxed);
  counters_.pending_pages.store(space_.pending().page_count(), std::memory_order_relaxed);
  counters_.free_extents.store(space_.free().extent_count(), std::memory_order_relaxed);
  counters_.log_pages.store(log_chain_.size(), std::memory_order_relaxed);
  counters_.file_size.store(file_size_, std::memory_order_relaxed);
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

Status Writer::grow_file(PageNo page_count, bool may_use_reserve) {
  const std::uint32_t page_size = links_.data.page_size;
  const std::uint64_t needed = size_of(page_count, page_size);
  const std::uint64_t with_reserve = needed + reserve_pages * page_size;
  if (with_reserve <= file_size_) return {};
  if (with_reserve > links_.data.map.size())
    return fail(Error(ErrorCode::full).with_detail("the map_reserve of this opening is used up"));
  Status grown;
  for (const std::uint64_t size :
       {std::min<std::uint64_t>(with_reserve + growth_step(file_size_, page_size),
                                links_.data.map.size()),
        with_reserve}) {
    is_untouched_ = false;
    grown = links_.data.file->grow(size);
    if (grown && arena_.live() <= few_pages) grown = fill(file_size_, size, zero_block);
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
    if (Status written = links_.data.file->write(begin, {&piece, 1}); !written) return written;
    begin += piece.size();
  }
  return {};
}

Status Writer::write_run(PageNo first, std::span<const Bytes> pieces) {
  is_untouched_ = false;
  std::uint64_t size = 0;
  for (const Bytes& piece : pieces) size += piece.size();
  links_.sync.note_written(size);
  counters_.write_calls.fetch_add(1, std::memory_order_relaxed);
  return links_.data.file->write(size_of(first, links_.data.page_size), pieces);
}

Result<GroupSync::Named> Writer::name_state(const State& state, TxnId durable,
                                            GroupSync::Seen seen) {
  // So that the readers' record is not made anew while commits pile up on a slow disk.
  if (links_.publication.unpublished() >= most_unpublished) {
    if (Status shown = sync_pages(); !shown) return fail(shown);
  }
  const bool is_near = is_near_ceiling(state.txn, meta_.ceiling);
  return write_slot(state, durable, is_near ? raised_ceiling(state.txn) : meta_.ceiling, seen);
}

Result<GroupSync::Named> Writer::write_slot(State state, TxnId durable, TxnId ceiling,
                                            GroupSync::Seen seen) {
  if (Status healthy = links_.sync.check_healthy(); !healthy) return fail(healthy);
  const std::uint32_t slot = links_.sync.slot_for_next();
  state.meta_slot = slot;
  meta_.state = state;
  meta_.durable = durable;
  meta_.ceiling = ceiling;
  meta_.sequence = next_sequence_++;
  meta_.time = links_.files.now();
  const layout::MetaSlot encoded = encode_meta(meta_);
  const Bytes bytes = std::as_bytes(std::span(&encoded, 1));
  is_untouched_ = false;
  counters_.write_calls.fetch_add(1, std::memory_order_relaxed);
  const Status written = links_.data.file->write(slot_offset(slot), {&bytes, 1});
  if (!written) return links_.sync.poison(written.error(), state.txn);
  written_ = state;
  return links_.sync.name(state, meta_.sequence, ceiling, seen);
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
  if (is_untouched_) return {};
  if (!links_.sync.is_all_durable()) {
    if (Status synced = sync(); !synced) return synced;
  }
  const std::uint64_t used =
      size_of(written_.page_count.after(reserve_pages), links_.data.page_size);
  if (used < file_size_) {
    if (Status cut = links_.data.file->truncate(used); !cut) return cut;
    file_size_ = used;
  }
  // The second slot that names this state, so that damage to one cannot take it back.
  const auto named = write_slot(written_, written_.txn, next_txn_, GroupSync::Seen::at_once);
  if (!named) return fail(named);
  const Status synced = sync();
  is_untouched_ = synced.has_value();
  return synced;
}

}  // namespace quire
