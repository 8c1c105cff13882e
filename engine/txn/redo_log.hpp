// RedoLog: where full and buffered commits are recorded that write no pages.
//
// Such a commit stays in memory, as a resident one does, but for a record of what it changed: on
// the disk when it returns, or, of a buffered one, with the system. A state in the file, and the
// records that follow it, are the newest state. The next commit to the file takes all of that along
// and begins the log anew (redo of operations over a shadowed file: J. Gray et al., The Recovery
// Manager of the System R Database Manager, Computing Surveys 1981).
//
// Invariants: a record follows a state that is durable, and all that was committed since is in
// records before it; so the records of the state before that one are of no use any more, and are
// written over. A record of one state cannot be taken for one of another: the seeds of their
// checksums differ, as no id of a transaction is used twice.
#pragma once

#include <cstdint>
#include <optional>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/txn/meta.hpp"
#include "quire/engine/txn/redo_record.hpp"
#include "quire/engine/txn/safety_rules.hpp"

namespace quire {

/// Where a log ends: behind these records.
struct RedoEnd {
  RedoPlace place;          ///< of the next one
  std::uint64_t count = 0;  ///< of records
  TxnId newest;             ///< of the last one
};

/// Reads what the log of a slot's state has, record by record. Of a map that shows the whole file.
class RedoReader {
 public:
  RedoReader(Bytes map, const Meta& meta, const SafetyRules& rules);

  /// The next record; none: there are no more. corrupt: there are more, but one before them is
  /// damaged; or a record is older than the one before it.
  Result<std::optional<FoundRecord>> next();

  /// The bytes of the last record.
  [[nodiscard]] Bytes bytes() const { return last_; }
  [[nodiscard]] const RedoEnd& end() const { return end_; }

 private:
  const SafetyRules rules_;
  const bool is_closed_;  ///< by who left the state, who leaves no records, as a rule
  Bytes rest_;
  Bytes last_;
  RedoEnd end_;
};

/// For the one inside the writer gate.
class RedoLog {
 public:
  /// Goes on behind the state that was recovered. A wanted size, in bytes, of 0: there is to be no
  /// area, and the one that is there is of no use any more.
  RedoLog(const Meta& recovered, std::uint64_t wanted, const SafetyRules& rules);

  // ---- The area

  [[nodiscard]] const RedoArea& area() const { return area_; }
  /// Pages that the area is to have.
  [[nodiscard]] std::uint32_t wanted_pages() const { return wanted_pages_; }
  [[nodiscard]] bool is_as_wanted() const { return area_.pages.count == wanted_pages_; }
  /// The state that is named next has this area. None: no pages.
  void set_area(const Extent& pages, TxnId born) { area_ = {.pages = pages, .born = born}; }
  /// Another process has named the newest state, with this area.
  void follow(const RedoArea& area) { area_ = area; }
  /// A slot is about to name this state, with the area: the log begins anew.
  void begin(TxnId state);

  // ---- Records

  /// What the open transaction changes; none: it need not be told. A full commit may take half the
  /// log, a buffered one a small part: writing many pages in long runs costs little, where nobody
  /// waits for them.
  [[nodiscard]] RedoRecord* record(Durability durability);
  /// Whether a commit on that state can be told by a record.
  [[nodiscard]] bool may_follow(TxnId newest, TxnId durable) const;
  [[nodiscard]] bool has_room(std::size_t record_size) const {
    return place_.offset + record_size <= size();
  }
  /// Another commit could not be recorded. Whether so many could not that it is worth a sync.
  [[nodiscard]] bool miss();
  /// Where the next record goes, in the file.
  [[nodiscard]] std::uint64_t offset() const;
  /// The record of the open transaction, whole.
  [[nodiscard]] Bytes seal(TxnId txn) { return record_.seal(txn, place_, synced_); }
  /// It was written there.
  void add(TxnId txn, Bytes record);
  /// The records up to that transaction's are on the disk.
  void note_synced(TxnId txn);
  /// What was found behind the recovered state is that state now.
  void resume(const RedoEnd& end, TxnId state);

 private:
  [[nodiscard]] std::uint64_t size() const;

  const FileSeed seed_;
  const std::uint32_t page_size_;
  const std::uint32_t wanted_pages_;
  const SafetyRules rules_;
  RedoArea area_;
  TxnId base_;                      ///< the state that the records follow
  TxnId newest_;                    ///< the one that they lead to
  RedoPlace place_;                 ///< of the next record
  std::uint64_t synced_ = 0;        ///< bytes that are known to be on the disk
  TxnId awaited_;                   ///< when its record is on the disk, more is known to be:
  std::uint64_t awaited_size_ = 0;  ///< so many bytes
  std::uint32_t missed_ = 0;
  RedoRecord record_;
};

}  // namespace quire
