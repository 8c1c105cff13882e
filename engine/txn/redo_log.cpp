#include "quire/engine/txn/redo_log.hpp"

#include "quire/engine/base/checksum.hpp"
#include "quire/engine/txn/ceiling.hpp"

namespace quire {
namespace {

std::uint64_t size_of(const RedoArea& area, std::uint32_t page_size) {
  return std::uint64_t{area.pages.count} * page_size;
}

/// What all records behind a state have in common. With the rule off, records may be taken for
/// those of another state.
std::uint64_t seed_behind(TxnId state, FileSeed seed, const SafetyRules& rules) {
  if (!rules.redo_seeds) return 0;
  const U64le txn = state.value;
  return checksum64(std::as_bytes(std::span(&txn, 1)), seed.value);
}

/// The place behind a record.
RedoPlace behind(const RedoPlace& place, std::size_t size, std::uint64_t checksum,
                 const SafetyRules& rules) {
  return {place.seed, place.offset + size, rules.redo_seeds ? checksum : 0};
}

std::uint32_t pages_for(std::uint64_t size, std::uint32_t page_size) {
  return static_cast<std::uint32_t>((size + page_size - 1) / page_size);
}

Failure damaged(TxnId after) {
  return fail(Error(ErrorCode::corrupt)
                  .with_txn(after)
                  .with_detail("the redo log is damaged behind that transaction's record, and has "
                               "others after it"));
}

}  // namespace

// ---- Reading

RedoReader::RedoReader(Bytes map, const Meta& meta, const SafetyRules& rules)
    : rules_(rules),
      is_closed_(is_ceiling_of_close(meta.state.txn, meta.ceiling)),
      rest_(map.subspan(std::uint64_t{meta.redo.pages.first.value} * meta.page_size,
                        size_of(meta.redo, meta.page_size))),
      end_{.place = {.seed = seed_behind(meta.state.txn, seed_of(meta.file_id), rules)},
           .newest = meta.state.txn} {}

Result<std::optional<FoundRecord>> RedoReader::next() {
  const auto found = find_record(rest_, end_.place);
  if (!found) {
    const bool is_looked_for = rules_.redo_seeds && (!is_closed_ || end_.count != 0);
    if (is_looked_for && was_synced(rest_, end_.place, end_.newest)) return damaged(end_.newest);
    return found;
  }
  if (found->txn <= end_.newest) return damaged(end_.newest);
  last_ = rest_.first(found->size);
  rest_ = rest_.subspan(found->size);
  end_ = {.place = behind(end_.place, found->size, found->checksum, rules_),
          .count = end_.count + 1,
          .newest = found->txn};
  return found;
}

// ---- Writing

RedoLog::RedoLog(const Meta& recovered, std::uint64_t wanted, const SafetyRules& rules)
    : seed_(seed_of(recovered.file_id)),
      page_size_(recovered.page_size),
      wanted_pages_(pages_for(wanted, recovered.page_size)),
      rules_(rules),
      area_(recovered.redo) {
  begin(recovered.state.txn);
}

void RedoLog::begin(TxnId state) {
  base_ = newest_ = state;
  place_ = {.seed = seed_behind(state, seed_, rules_)};
  synced_ = awaited_size_ = 0;
  awaited_ = state;
}

RedoRecord* RedoLog::record(Durability durability) {
  if (wanted_pages_ == 0 || !area_.is_there()) return nullptr;
  if (durability != Durability::full && durability != Durability::buffered) return nullptr;
  record_.begin(size() / (durability == Durability::full ? 2 : 64));
  return &record_;
}

bool RedoLog::may_follow(TxnId newest, TxnId durable) const {
  return newest == newest_ && (base_ <= durable || !rules_.redo_after_durable);
}

std::uint64_t RedoLog::offset() const {
  return std::uint64_t{area_.pages.first.value} * page_size_ + place_.offset;
}

void RedoLog::add(TxnId txn, Bytes record) {
  const std::uint64_t checksum = overlay<layout::RedoRecordHeader>(record.data())->checksum;
  place_ = behind(place_, record.size(), checksum, rules_);
  newest_ = txn;
  missed_ = 0;
}

/// Of all records that wait for the disk one is remembered at a time.
void RedoLog::note_synced(TxnId txn) {
  if (txn < awaited_) return;
  synced_ = txn >= newest_ ? place_.offset : awaited_size_;
  awaited_ = newest_;
  awaited_size_ = place_.offset;
}

bool RedoLog::miss() {
  constexpr std::uint32_t many = 256;
  if (++missed_ < many) return false;
  missed_ = 0;
  return true;
}

void RedoLog::resume(const RedoEnd& end, TxnId state) {
  place_ = end.place;
  newest_ = state;
  note_synced(state);
}

std::uint64_t RedoLog::size() const { return size_of(area_, page_size_); }

}  // namespace quire
