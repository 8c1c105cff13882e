// The space log: the durable record of what every transaction took and freed.
//
// Each commit makes one record. Those of small commits lie in the meta slot, one behind the other:
// the *tail*. One that does not fit there is a chain of one or more log pages, which takes the tail
// along and links to the page before. A checkpoint states everything that is free or pending and
// ends the chain. Log pages are written once, by one transaction, and never appended to.
//
// Invariant: following links, (born, fragment) falls strictly, so no chain can hang a reader.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/space/extent.hpp"

namespace quire {

/// Where a chain begins: its newest page and the transaction that wrote it.
struct LogHead {
  PageNo page;
  TxnId born;
};

struct LogRecord {
  TxnId txn;
  bool is_checkpoint = false;
  PageNo page_count;             ///< first page number never handed out, after this transaction
  std::vector<Extent> extents;   ///< taken; of a checkpoint: free
  std::vector<DeadExtent> dead;  ///< freed; of a checkpoint: pending
  std::vector<PageNo> pages;     ///< where the record lies, fragment 0 first; none: in a tail
};

/// How many entries of either kind a record has.
struct LogSize {
  std::size_t extents = 0;
  std::size_t dead = 0;
};

/// How many log pages hold so many entries and a tail of so many bytes; at least one.
std::uint32_t log_page_count(std::uint32_t page_size, LogSize size, std::size_t tail_size);

/// Fills the pages (record.pages.size() of them, in that order) except for what sealing adds:
/// checksum, number, born and table. Needs enough pages; those left over hold empty fragments.
void encode_log_record(const LogRecord& record, Bytes tail, LogHead previous,
                       std::span<const MutableBytes> pages);

/// Whether a record of that size can be added to a tail of so many bytes.
bool fits_tail(LogSize size, std::size_t tail_size);

/// Adds a record, no checkpoint, to a tail that it fits.
void append_to_tail(const LogRecord& record, std::vector<std::byte>& tail);

/// Gives the bytes of a log page: verified as a page of that number, born then, of a log type.
using LogPageReader = std::function<Result<Bytes>(PageNo page, TxnId born)>;

/// Reads a tail, and the chain from its head to its checkpoint. Oldest record first; the first is a
/// checkpoint. Distrusts everything: `corrupt` where links, counts or order are wrong. Records up
/// to the newest transaction that the caller knows are left out.
Result<std::vector<LogRecord>> read_log(Bytes tail, LogHead head, const LogPageReader& read_page,
                                        TxnId newest = no_txn);

}  // namespace quire
