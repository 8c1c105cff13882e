// RedoRecord: what one transaction changed, as the redo log says it.
//
// Pure functions over bytes; where records lie is redo_log.hpp's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

/// What tells a record from others: of other states, of other places in the log, and of those that
/// were there before a crash.
struct RedoPlace {
  std::uint64_t seed = 0;      ///< of the state that the log follows
  std::uint64_t offset = 0;    ///< bytes from the log's begin
  std::uint64_t previous = 0;  ///< checksum of the record before; 0: there is none
};

/// A record that is put together edit by edit, in memory that the next one uses again.
class RedoRecord {
 public:
  /// Empty, and of so many bytes at most.
  void begin(std::size_t most);

  /// Adds an edit. What does not fit makes the record overflow, and it stays so.
  void put(TableId table, Bytes key, Bytes value) { add(table, key, value, size_of(value)); }
  void erase(TableId table, Bytes key);
  /// Takes the last edit back, which changed nothing.
  void take_back();

  [[nodiscard]] bool has_overflowed() const { return has_overflowed_; }
  [[nodiscard]] std::uint32_t edit_count() const { return edit_count_; }
  /// Bytes that it takes in the log.
  [[nodiscard]] std::size_t size() const;

  /// The whole record, for that place; so many bytes of the log are known to be on the disk. For
  /// once.
  [[nodiscard]] Bytes seal(TxnId txn, const RedoPlace& place, std::uint64_t synced);

 private:
  static std::uint16_t size_of(Bytes value) { return static_cast<std::uint16_t>(value.size()); }
  void add(TableId table, Bytes key, Bytes value, std::uint16_t value_size);

  std::vector<std::byte> bytes_;
  std::size_t most_ = 0;
  std::size_t last_ = 0;  ///< where the last edit begins
  std::uint32_t edit_count_ = 0;
  bool has_overflowed_ = false;
};

/// A record in the log, of bytes that stay where they are.
struct FoundRecord {
  TxnId txn;
  std::uint64_t checksum = 0;
  std::uint32_t edit_count = 0;
  Bytes edits;
  std::size_t size = 0;
};

/// The record at the front of the bytes, which lie at that place of the log; none: what is there is
/// no record of that log, or one that follows another record.
std::optional<FoundRecord> find_record(Bytes bytes, const RedoPlace& place);

/// Whether a record of the log, anywhere in the bytes, says that what lies at that place, where
/// they begin, was on the disk. It is newer than that transaction. Reads as many bytes as there
/// are, 64 times over at most.
bool was_synced(Bytes bytes, const RedoPlace& place, TxnId newest);

/// One of a record's edits.
struct RedoEdit {
  TableId table;
  Bytes key;
  std::optional<Bytes> value;  ///< none: the entry is erased
};

/// Takes the edit at the front of the bytes away. corrupt: they are none.
Result<RedoEdit> next_edit(Bytes& edits);

}  // namespace quire
