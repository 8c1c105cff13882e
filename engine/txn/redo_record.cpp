#include "quire/engine/txn/redo_record.hpp"

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/checksum.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {
namespace {

using layout::RedoEditHeader;
using layout::RedoRecordHeader;

constexpr std::size_t record_header_size = sizeof(RedoRecordHeader);

constexpr std::size_t rounded(std::size_t size) {
  constexpr std::size_t to = layout::redo_record_alignment;
  return (size + to - 1) / to * to;
}

/// The first eight bytes are the checksum itself.
std::uint64_t checksum_of(Bytes record, const RedoPlace& place) {
  return checksum64(record.subspan(sizeof(U64le)), place.seed ^ place.offset);
}

/// What is at the front of the bytes, if its size can be that of a record.
Bytes possible_record(Bytes bytes) {
  if (bytes.size() < record_header_size) return {};
  const std::size_t size = overlay<RedoRecordHeader>(bytes.data())->size;
  const bool is_possible =
      size >= record_header_size && size <= bytes.size() && size == rounded(size);
  return is_possible ? bytes.first(size) : Bytes();
}

/// Whether it may be one that tells of the place.
bool may_tell_of(Bytes record, std::uint64_t offset, const RedoPlace& at, TxnId newest) {
  if (record.empty()) return false;
  const auto& header = *overlay<RedoRecordHeader>(record.data());
  const bool is_in_order = header.synced > offset && header.synced <= at.offset;
  return is_in_order && TxnId{header.txn} > newest && header.reserved == 0 && header.unused == 0;
}

Failure damaged() {
  return fail(Error(ErrorCode::corrupt).with_detail("a redo record is not what its edits say"));
}

}  // namespace

void RedoRecord::begin(std::size_t most) {
  bytes_.resize(record_header_size);
  most_ = most;
  edit_count_ = 0;
  has_overflowed_ = false;
}

void RedoRecord::erase(TableId table, Bytes key) { add(table, key, {}, layout::redo_erased); }

void RedoRecord::add(TableId table, Bytes key, Bytes value, std::uint16_t value_size) {
  const std::size_t size = sizeof(RedoEditHeader) + key.size() + value.size();
  has_overflowed_ = has_overflowed_ || rounded(bytes_.size() + size) > most_;
  if (has_overflowed_) return;
  last_ = bytes_.size();
  bytes_.resize(last_ + size);
  RedoEditHeader header{};
  header.table = table.value;
  header.key_size = static_cast<std::uint16_t>(key.size());
  header.value_size = value_size;
  std::byte* const to = bytes_.data() + last_;
  *overlay<RedoEditHeader>(to) = header;
  copy_bytes(to + sizeof(header), key);
  copy_bytes(to + sizeof(header) + key.size(), value);
  ++edit_count_;
}

void RedoRecord::take_back() {
  if (has_overflowed_) return;
  QUIRE_ASSERT(edit_count_ > 0 && last_ < bytes_.size());
  bytes_.resize(last_);
  --edit_count_;
}

std::size_t RedoRecord::size() const { return rounded(bytes_.size()); }

Bytes RedoRecord::seal(TxnId txn, const RedoPlace& place, std::uint64_t synced) {
  bytes_.resize(size());
  RedoRecordHeader& header = *overlay<RedoRecordHeader>(bytes_.data());
  header = {};
  header.previous = place.previous;
  header.size = static_cast<std::uint32_t>(bytes_.size());
  header.edit_count = edit_count_;
  header.txn = txn.value;
  header.synced = static_cast<std::uint32_t>(synced);
  header.checksum = checksum_of(bytes_, place);
  return bytes_;
}

std::optional<FoundRecord> find_record(Bytes bytes, const RedoPlace& place) {
  const Bytes record = possible_record(bytes);
  if (record.empty()) return std::nullopt;
  const auto& header = *overlay<RedoRecordHeader>(record.data());
  if (header.previous != place.previous || header.checksum != checksum_of(record, place))
    return std::nullopt;
  return FoundRecord{.txn = {header.txn},
                     .checksum = header.checksum,
                     .edit_count = header.edit_count,
                     .edits = record.subspan(record_header_size),
                     .size = record.size()};
}

/// Sizes that are lies cannot make it read for ever: data that has very many of them hides a
/// record.
bool was_synced(Bytes bytes, const RedoPlace& place, TxnId newest) {
  constexpr std::size_t most_times = 64;
  RedoPlace at = place;
  for (std::size_t left = most_times * bytes.size(); bytes.size() >= record_header_size;) {
    if (const Bytes record = possible_record(bytes);
        may_tell_of(record, place.offset, at, newest)) {
      if (record.size() > left) return false;
      left -= record.size();
      if (overlay<RedoRecordHeader>(record.data())->checksum == checksum_of(record, at))
        return true;
    }
    bytes = bytes.subspan(layout::redo_record_alignment);
    at.offset += layout::redo_record_alignment;
  }
  return false;
}

Result<RedoEdit> next_edit(Bytes& edits) {
  if (edits.size() < sizeof(RedoEditHeader)) return damaged();
  const auto& header = *overlay<RedoEditHeader>(edits.data());
  const bool is_erased = header.value_size == layout::redo_erased;
  const std::size_t key_size = header.key_size;
  const std::size_t value_size = is_erased ? 0 : std::size_t{header.value_size};
  const Bytes rest = edits.subspan(sizeof(RedoEditHeader));
  if (rest.size() < key_size + value_size) return damaged();
  RedoEdit edit{.table = {header.table}, .key = rest.first(key_size), .value = {}};
  if (!is_erased) edit.value = rest.subspan(key_size, value_size);
  edits = rest.subspan(key_size + value_size);
  return edit;
}

}  // namespace quire
