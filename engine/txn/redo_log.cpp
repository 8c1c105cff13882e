#include "quire/engine/txn/redo_log.hpp"

#include "quire/engine/base/checksum.hpp"

namespace quire {
namespace {

std::uint64_t size_of(const RedoArea& area, std::uint32_t page_size) {
  return std::uint64_t{area.pages.count} * page_size;
}

/// What seeds the checksum of the first record behind a state.
std::uint64_t seed_behind(TxnId state, FileSeed seed, const SafetyRules& rules) {
  if (!rules.redo_seeds) return 0;
  const U64le txn = state.value;
  return checksum64(std::as_bytes(std::span(&txn, 1)), seed.value);
}

std::uint32_t pages_for(std::uint64_t size, std::uint32_t page_size) {
  return static_cast<std::uint32_t>((size + page_size - 1) / page_size);
}

}  // namespace

RedoTail read_redo(Bytes map, const Meta& meta, const SafetyRules& rules) {
  RedoTail tail{.records = {},
                .end = 0,
                .checksum = seed_behind(meta.state.txn, seed_of(meta.file_id), rules)};
  if (!meta.redo.is_there()) return tail;
  const std::uint64_t begin = std::uint64_t{meta.redo.pages.first.value} * meta.page_size;
  Bytes rest = map.subspan(begin, size_of(meta.redo, meta.page_size));
  while (const auto found = find_record_after(tail.checksum, rest)) {
    tail.records.push_back(*found);
    if (rules.redo_seeds) tail.checksum = found->checksum;
    tail.end += found->size;
    rest = rest.subspan(found->size);
  }
  return tail;
}

RedoLog::RedoLog(const Meta& recovered, std::uint64_t wanted, const SafetyRules& rules)
    : seed_(seed_of(recovered.file_id)),
      page_size_(recovered.page_size),
      wanted_pages_(pages_for(wanted, recovered.page_size)),
      rules_(rules),
      area_(recovered.redo) {
  begin(recovered.state.txn);
}

/// With the rule off, records may be taken for those of another state.
void RedoLog::begin(TxnId state) {
  base_ = newest_ = state;
  checksum_ = seed_behind(state, seed_, rules_);
  end_ = 0;
}

RedoRecord* RedoLog::record() {
  if (wanted_pages_ == 0 || !area_.is_there()) return nullptr;
  record_.begin(size());
  return &record_;
}

bool RedoLog::may_follow(TxnId newest, TxnId durable, std::size_t size) const {
  const bool is_base_durable = base_ <= durable || !rules_.redo_after_durable;
  return newest == newest_ && is_base_durable && end_ + size <= this->size();
}

std::uint64_t RedoLog::offset() const {
  return std::uint64_t{area_.pages.first.value} * page_size_ + end_;
}

void RedoLog::add(TxnId txn, Bytes record) {
  if (rules_.redo_seeds) checksum_ = overlay<layout::RedoRecordHeader>(record.data())->checksum;
  end_ += record.size();
  newest_ = txn;
}

void RedoLog::resume(const RedoTail& tail, TxnId state) {
  checksum_ = tail.checksum;
  end_ = tail.end;
  newest_ = state;
}

std::uint64_t RedoLog::size() const { return size_of(area_, page_size_); }

}  // namespace quire
