#include "quire/engine/space/space_log.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {
namespace {

using layout::LogDeadExtent;
using layout::LogExtent;
using layout::LogPageHeader;
using layout::LogTailDead;
using layout::LogTailRecord;
using layout::PageType;

constexpr std::size_t log_body_size(std::size_t page_size) {
  return page_size - sizeof(LogPageHeader);
}

/// How many entries of a list go into one page: as many as fit, up to a 16-bit count.
std::size_t portion(std::size_t left, std::size_t room, std::size_t entry_size) {
  return std::min({left, room / entry_size, std::size_t{0xffff}});
}

LogPageHeader header_of(const LogRecord& record, LogHead previous, std::size_t fragment) {
  LogPageHeader header{};
  header.page.type = static_cast<std::uint8_t>(record.is_checkpoint ? PageType::log_checkpoint
                                                                    : PageType::log_record);
  header.previous_page = fragment == 0 ? previous.page.value : record.pages[fragment - 1].value;
  header.previous_born = fragment == 0 ? previous.born.value : record.txn.value;
  header.fragment = static_cast<std::uint32_t>(fragment);
  header.fragment_count = static_cast<std::uint32_t>(record.pages.size());
  header.page_count = record.page_count.value;
  return header;
}

void put_extents(std::byte*& to, std::span<const Extent> extents) {
  for (const Extent& extent : extents) {
    *overlay<LogExtent>(to) = {extent.first.value, extent.count};
    to += sizeof(LogExtent);
  }
}

void put_dead(std::byte*& to, std::span<const DeadExtent> dead) {
  for (const DeadExtent& one : dead) {
    *overlay<LogDeadExtent>(to) = {one.extent.first.value, one.extent.count, one.born.value,
                                   one.died.value};
    to += sizeof(LogDeadExtent);
  }
}

// ---- Tails

Failure broken_tail(LogHead at) {
  return fail(Error(ErrorCode::corrupt)
                  .with_page(at.page)
                  .with_txn(at.born)
                  .with_detail("small records of the space log make no sense"));
}

constexpr std::size_t tail_record_size(LogSize size) {
  return sizeof(LogTailRecord) + size.extents * sizeof(LogExtent) + size.dead * sizeof(LogTailDead);
}

/// Takes the first record off a tail; nothing when its bytes are none.
std::optional<LogRecord> take_tail_record(Bytes& tail) {
  if (tail.size() < sizeof(LogTailRecord)) return {};
  const auto& header = *overlay<LogTailRecord>(tail.data());
  const LogSize size{header.extent_count, header.dead_count};
  if (tail.size() < tail_record_size(size)) return {};
  LogRecord record;
  record.txn = {header.txn};
  record.page_count = {header.page_count};
  const std::byte* at = tail.data() + sizeof(LogTailRecord);
  for (std::size_t index = 0; index < size.extents; ++index, at += sizeof(LogExtent)) {
    const auto& entry = *overlay<LogExtent>(at);
    record.extents.push_back({{entry.first}, entry.count});
  }
  for (std::size_t index = 0; index < size.dead; ++index, at += sizeof(LogTailDead)) {
    const auto& entry = *overlay<LogTailDead>(at);
    record.dead.push_back({{{entry.first}, entry.count}, {entry.born}, record.txn});
  }
  tail = tail.subspan(tail_record_size(size));
  return record;
}

/// Adds a tail's records, the newest first, to those that are newer. `at` is the page before it.
Status take_tail(Bytes tail, LogHead at, TxnId newest, std::vector<LogRecord>& records) {
  const TxnId below = records.empty() ? TxnId{UINT64_MAX} : records.back().txn;
  std::vector<LogRecord> older;
  for (TxnId last = at.born; !tail.empty();) {
    std::optional<LogRecord> record = take_tail_record(tail);
    if (!record || record->txn <= last || record->txn >= below) return broken_tail(at);
    last = record->txn;
    if (last > newest) older.push_back(*std::move(record));
  }
  std::move(older.rbegin(), older.rend(), std::back_inserter(records));
  return {};
}

// ---- Pages

/// One page of the chain, its numbers not yet believed beyond what the page itself can hold.
struct Fragment {
  const LogPageHeader* header;
  std::size_t tail;
  std::size_t extents;
  std::size_t dead;

  [[nodiscard]] const std::byte* body() const {
    return std::as_bytes(std::span(header, 1)).data() + sizeof(LogPageHeader);
  }
};

Result<Fragment> look_at(Bytes bytes, PageNo page) {
  const auto* header = overlay<LogPageHeader>(bytes.data());
  const Fragment fragment{header, header->tail_size, header->page.first, header->page.second};
  const std::size_t needed =
      fragment.tail + fragment.extents * sizeof(LogExtent) + fragment.dead * sizeof(LogDeadExtent);
  const bool is_log = header->page.type == static_cast<std::uint8_t>(PageType::log_record) ||
                      header->page.type == static_cast<std::uint8_t>(PageType::log_checkpoint);
  if (!is_log || needed > log_body_size(bytes.size()) || header->fragment >= header->fragment_count)
    return fail(
        Error(ErrorCode::corrupt).with_page(page).with_detail("not a page of the space log"));
  return fragment;
}

/// Adds the page's entries, last one first, as fragments come: a record may have very many.
void take_over(const Fragment& fragment, PageNo page, LogRecord& record) {
  const std::byte* at = fragment.body() + fragment.tail;
  std::vector<Extent> extents;
  std::vector<DeadExtent> dead;
  for (std::size_t index = 0; index < fragment.extents; ++index, at += sizeof(LogExtent)) {
    const auto* entry = overlay<LogExtent>(at);
    extents.push_back({{entry->first}, entry->count});
  }
  for (std::size_t index = 0; index < fragment.dead; ++index, at += sizeof(LogDeadExtent)) {
    const auto* entry = overlay<LogDeadExtent>(at);
    dead.push_back({{{entry->first}, entry->count}, {entry->born}, {entry->died}});
  }
  record.extents.insert(record.extents.end(), extents.rbegin(), extents.rend());
  record.dead.insert(record.dead.end(), dead.rbegin(), dead.rend());
  record.pages.push_back(page);
}

bool is_checkpoint(const LogPageHeader& header) {
  return header.page.type == static_cast<std::uint8_t>(PageType::log_checkpoint);
}

Failure broken_chain(LogHead at, const char* what) {
  return fail(Error(ErrorCode::corrupt).with_page(at.page).with_txn(at.born).with_detail(what));
}

/// Reads one record, its last fragment first; afterwards `at` is where the page before it is, and
/// `tail` has the records between.
Result<LogRecord> read_record(LogHead& at, const LogPageReader& read_page, Bytes& tail) {
  LogRecord record;
  record.txn = at.born;
  std::uint32_t expected = 0;
  do {
    const Result<Bytes> bytes = read_page(at.page, at.born);
    if (!bytes) return fail(bytes);
    const Result<Fragment> fragment = look_at(*bytes, at.page);
    if (!fragment) return fail(fragment);
    const LogPageHeader& header = *fragment->header;
    if (record.pages.empty()) {
      record.is_checkpoint = is_checkpoint(header);
      record.page_count = {header.page_count};
      expected = header.fragment_count;
    }
    const bool may_have_tail = header.fragment == 0 && !record.is_checkpoint;
    const bool fits =
        header.fragment_count - record.pages.size() == header.fragment + 1 &&
        header.fragment_count == expected && is_checkpoint(header) == record.is_checkpoint &&
        header.page_count == record.page_count.value && (may_have_tail || fragment->tail == 0);
    if (!fits) return broken_chain(at, "fragments of a space-log record do not belong together");
    take_over(*fragment, at.page, record);
    tail = Bytes(fragment->body(), fragment->tail);
    if (header.fragment != 0 && header.previous_born != at.born.value)
      return broken_chain(at, "a space-log record is torn");
    at = {{header.previous_page}, {header.previous_born}};
  } while (record.pages.size() < expected);
  std::reverse(record.extents.begin(), record.extents.end());
  std::reverse(record.dead.begin(), record.dead.end());
  std::reverse(record.pages.begin(), record.pages.end());
  return record;
}

}  // namespace

std::uint32_t log_page_count(std::uint32_t page_size, LogSize size, std::size_t tail_size) {
  const auto [extents, dead] = size;
  const std::size_t room = log_body_size(page_size);
  const std::size_t extents_per_page = room / sizeof(LogExtent);
  const std::size_t dead_per_page = room / sizeof(LogDeadExtent);
  // Entries never cross pages; where the lists meet, a page holds some of both.
  const std::size_t extent_pages = (extents + extents_per_page - 1) / extents_per_page;
  const std::size_t dead_pages = (dead + dead_per_page - 1) / dead_per_page;
  const std::size_t all = tail_size + extents * sizeof(LogExtent) + dead * sizeof(LogDeadExtent);
  const std::size_t tail_pages = tail_size == 0 ? 0 : 1;
  return static_cast<std::uint32_t>(all <= room ? 1 : tail_pages + extent_pages + dead_pages);
}

bool fits_tail(LogSize size, std::size_t tail_size) {
  constexpr std::size_t most = 0xffff;
  return size.extents <= most && size.dead <= most &&
         tail_size + tail_record_size(size) <= layout::log_tail_room;
}

void append_to_tail(const LogRecord& record, std::vector<std::byte>& tail) {
  const LogSize size{record.extents.size(), record.dead.size()};
  QUIRE_ASSERT(!record.is_checkpoint && record.pages.empty() && fits_tail(size, tail.size()));
  const std::size_t begin = tail.size();
  tail.resize(begin + tail_record_size(size));
  std::byte* to = tail.data() + begin;
  LogTailRecord header{};
  header.txn = record.txn.value;
  header.page_count = record.page_count.value;
  header.extent_count = static_cast<std::uint16_t>(size.extents);
  header.dead_count = static_cast<std::uint16_t>(size.dead);
  *overlay<LogTailRecord>(to) = header;
  to += sizeof(LogTailRecord);
  put_extents(to, record.extents);
  for (const DeadExtent& one : record.dead) {
    *overlay<LogTailDead>(to) = {one.extent.first.value, one.extent.count, one.born.value};
    to += sizeof(LogTailDead);
  }
}

void encode_log_record(const LogRecord& record, Bytes tail, LogHead previous,
                       std::span<const MutableBytes> pages) {
  QUIRE_ASSERT(pages.size() == record.pages.size() && !pages.empty());
  std::span<const Extent> extents = record.extents;
  std::span<const DeadExtent> dead = record.dead;
  for (std::size_t fragment = 0; fragment < pages.size(); ++fragment) {
    const MutableBytes page = pages[fragment];
    std::fill(page.begin(), page.end(), std::byte{0});
    LogPageHeader header = header_of(record, previous, fragment);
    header.tail_size = static_cast<std::uint16_t>(tail.size());
    std::byte* to = page.data() + sizeof(LogPageHeader);
    copy_bytes(to, tail);
    to += tail.size();
    const std::size_t room = log_body_size(page.size()) - tail.size();
    tail = {};
    const std::size_t extents_here = portion(extents.size(), room, sizeof(LogExtent));
    const std::size_t dead_here =
        portion(dead.size(), room - extents_here * sizeof(LogExtent), sizeof(LogDeadExtent));
    put_extents(to, extents.first(extents_here));
    put_dead(to, dead.first(dead_here));
    header.page.first = static_cast<std::uint16_t>(extents_here);
    header.page.second = static_cast<std::uint16_t>(dead_here);
    *overlay<LogPageHeader>(page.data()) = header;
    extents = extents.subspan(extents_here);
    dead = dead.subspan(dead_here);
  }
  QUIRE_ASSERT(extents.empty() && dead.empty());
}

Result<std::vector<LogRecord>> read_log(Bytes tail, LogHead head, const LogPageReader& read_page,
                                        TxnId newest) {
  std::vector<LogRecord> records;
  LogHead at = head;
  if (Status taken = take_tail(tail, at, newest, records); !taken) return fail(taken);
  while (at.born > newest && (records.empty() || !records.back().is_checkpoint)) {
    if (!records.empty() && at.born >= records.back().txn)
      return broken_chain(at, "the space log does not go back in time");
    Result<LogRecord> record = read_record(at, read_page, tail);
    if (!record) return fail(record);
    records.push_back(*std::move(record));
    if (Status taken = take_tail(tail, at, newest, records); !taken) return fail(taken);
  }
  const bool is_whole = !records.empty() && records.back().is_checkpoint;
  if (at.born == no_txn && !is_whole)
    return broken_chain(head, "the space log does not begin with a checkpoint");
  std::reverse(records.begin(), records.end());
  return records;
}

}  // namespace quire
