#include "quire/engine/space/space_log.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <map>

#include "quire/engine/page/layout.hpp"
#include "support/volume.hpp"
#include "unit/engine/space/page_set.hpp"

namespace quire::test {
namespace {

using layout::LogPageHeader;

/// The pages of a log, as a file would have them; the checksum is the reader's business.
class LogFile {
 public:
  explicit LogFile(std::uint32_t page_size) : page_size_(page_size) {}

  void append(LogRecord& record) {
    const LogSize size{record.extents.size(), record.dead.size()};
    if (record.is_checkpoint) tail_.clear();
    const std::uint32_t count = log_page_count(page_size_, size, tail_.size());
    std::vector<MutableBytes> pages;
    for (std::uint32_t left = count; left > 0; --left) {
      record.pages.push_back(next_page_);
      std::vector<std::byte>& page = pages_[next_page_];
      page.resize(page_size_);
      pages.emplace_back(page);
      next_page_ = next_page_.after(1 + next_page_.value % 3);
    }
    encode_log_record(record, tail_, record.is_checkpoint ? LogHead{} : head_, pages);
    tail_.clear();
    for (const PageNo page : record.pages) born_[page] = record.txn;
    head_ = {record.pages.back(), record.txn};
  }

  /// The same without a page, where there is room for it; whether there was.
  bool append_to_tail(const LogRecord& record) {
    if (record.is_checkpoint ||
        !fits_tail({record.extents.size(), record.dead.size()}, tail_.size()))
      return false;
    quire::append_to_tail(record, tail_);
    return true;
  }
  [[nodiscard]] std::vector<std::byte>& tail() { return tail_; }

  /// Those after a transaction.
  [[nodiscard]] Result<std::vector<LogRecord>> read(TxnId newest = no_txn) const {
    return read_log(
        tail_, head_,
        [&](PageNo page, TxnId born) -> Result<Bytes> {
          const auto found = pages_.find(page);
          const auto written = born_.find(page);
          if (found == pages_.end() || written->second != born) return fail(ErrorCode::corrupt);
          return Bytes(found->second);
        },
        newest);
  }

  [[nodiscard]] std::map<PageNo, std::vector<std::byte>>& pages() { return pages_; }
  void link(PageNo from, PageNo to) {
    header(from).previous_page = to.value;
    header(from).previous_born = born_.at(to).value;
  }
  [[nodiscard]] LogPageHeader& header(PageNo page) {
    return *overlay<LogPageHeader>(pages_.at(page).data());
  }

 private:
  std::uint32_t page_size_;
  std::map<PageNo, std::vector<std::byte>> pages_;
  std::map<PageNo, TxnId> born_;
  PageNo next_page_{16};
  LogHead head_;
  std::vector<std::byte> tail_;
};

LogRecord random_record(Dice& dice, TxnId txn, bool is_checkpoint, std::uint64_t most) {
  LogRecord record;
  record.txn = txn;
  record.is_checkpoint = is_checkpoint;
  record.page_count = {static_cast<std::uint32_t>(dice.below(max_page_count))};
  const auto word = [&] { return static_cast<std::uint32_t>(dice.number()); };
  for (std::uint64_t left = dice.mostly_small(most); left > 0; --left)
    record.extents.push_back({{word()}, word()});
  for (std::uint64_t left = dice.mostly_small(most); left > 0; --left)
    record.dead.push_back({{{word()}, word()},
                           {dice.number() >> 16},
                           is_checkpoint ? TxnId{dice.number() >> 16} : txn});
  return record;
}

void require_same(const LogRecord& read, const LogRecord& written) {
  REQUIRE(read.txn == written.txn);
  REQUIRE(read.is_checkpoint == written.is_checkpoint);
  REQUIRE(read.page_count == written.page_count);
  REQUIRE((read.extents == written.extents));
  REQUIRE((read.dead == written.dead));
  REQUIRE((read.pages == written.pages));
}

/// A checkpoint somewhere, then records; what is before the last checkpoint must not be read.
std::vector<LogRecord> write_chain(Dice& dice, LogFile& file, std::uint64_t most) {
  std::vector<LogRecord> chain;
  TxnId txn{1 + dice.below(1000)};
  for (std::uint64_t left = 1 + dice.below(40); left > 0; --left) {
    LogRecord record =
        random_record(dice, txn, chain.empty() || dice.one_in(6), dice.one_in(2) ? most : 30);
    if (dice.one_in(3) || !file.append_to_tail(record)) file.append(record);
    if (record.is_checkpoint) chain.clear();
    chain.push_back(std::move(record));
    txn = {txn.value + 1 + dice.below(5)};
  }
  return chain;
}

// Law: what is read is what was written since the last checkpoint, oldest first.
TEST_CASE("records of any length come back from a chain") {
  for (std::uint64_t seed = 0; seed < scaled(500); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    LogFile file(std::uint32_t{4096} << seed % 5);
    const std::vector<LogRecord> chain = write_chain(dice, file, 4000);
    const std::vector<LogRecord> read = file.read().value();
    REQUIRE(read.size() == chain.size());
    for (std::size_t index = 0; index < chain.size(); ++index)
      require_same(read[index], chain[index]);
  }
}

// Law: who knows some of them is given the others, wherever they lie.
TEST_CASE("records after a transaction come back from a chain") {
  for (std::uint64_t seed = 0; seed < scaled(200); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    LogFile file(4096);
    const std::vector<LogRecord> chain = write_chain(dice, file, 100);
    for (std::size_t known = 0; known < chain.size(); ++known) {
      const std::vector<LogRecord> read = file.read(chain[known].txn).value();
      REQUIRE(read.size() == chain.size() - known - 1);
      for (std::size_t index = 0; index < read.size(); ++index)
        require_same(read[index], chain[known + 1 + index]);
    }
  }
}

TEST_CASE("a record has exactly the pages that its lists need") {
  for (const std::uint32_t page_size : {4096U, 65536U}) {
    const std::size_t room = page_size - sizeof(LogPageHeader);
    const std::size_t extents = room / sizeof(layout::LogExtent);
    const std::size_t dead = room / sizeof(layout::LogDeadExtent);
    CHECK(log_page_count(page_size, {}, 0) == 1);
    CHECK(log_page_count(page_size, {extents, 0}, 0) == 1);
    CHECK(log_page_count(page_size, {extents + 1, 0}, 0) == 2);
    CHECK(log_page_count(page_size, {0, dead}, 0) == 1);
    CHECK(log_page_count(page_size, {0, dead + 1}, 0) == 2);
    CHECK(log_page_count(page_size, {1, dead}, 0) <= 2);
    CHECK(log_page_count(page_size, {1, 0}, layout::log_tail_room) == 1);
    CHECK(log_page_count(page_size, {extents, 0}, 1) == 2);
  }
}

// Law: every count of both lists around the edges of pages fits the pages that are said to do.
TEST_CASE("lists of every length fit the pages that are counted for them") {
  Dice dice(1);
  constexpr std::size_t extents_per_page = (4096 - sizeof(LogPageHeader)) / 8;
  constexpr std::size_t dead_per_page = (4096 - sizeof(LogPageHeader)) / 20;
  for (std::size_t extents = 0; extents < 2 * extents_per_page + 3; extents += 1 + extents / 9) {
    for (std::size_t dead = 0; dead < 2 * dead_per_page + 3; dead += 1 + dead / 30) {
      LogRecord record = random_record(dice, {7}, true, 1);
      record.extents.assign(extents, {{20}, 1});
      record.dead.assign(dead, {{{30}, 1}, {1}, {2}});
      LogFile file(4096);
      file.append(record);
      std::vector<LogRecord> written{record};
      for (TxnId txn{8}; written.size() < 40; txn = txn.next()) {
        LogRecord small = random_record(dice, txn, false, 2);
        if (!file.append_to_tail(small)) break;
        written.push_back(std::move(small));
      }
      record.is_checkpoint = false;
      record.txn = {100};
      record.dead.assign(dead, {{{30}, 1}, {1}, record.txn});
      record.pages.clear();
      file.append(record);
      written.push_back(record);
      const std::vector<LogRecord> read = file.read().value();
      REQUIRE(read.size() == written.size());
      for (std::size_t index = 0; index < read.size(); ++index)
        require_same(read[index], written[index]);
    }
  }
}

// ---- Hostile input

/// A chain of a checkpoint of three pages, and two records of one and of two.
LogFile small_chain() {
  Dice dice(3);
  LogFile file(4096);
  TxnId txn{10};
  for (const std::size_t count : {1100U, 5U, 600U}) {
    LogRecord record = random_record(dice, txn, txn == TxnId{10}, 1);
    record.extents.assign(count, {{20}, 1});
    file.append(record);
    txn = txn.next();
  }
  return file;
}

using Spoil = void (*)(LogPageHeader&);

TEST_CASE("links, counts and types that do not fit are corruption") {
  CHECK(small_chain().read().value().size() == 3);
  const std::vector<Spoil> spoils = {
      [](auto& header) { header.page.type = 1; },
      [](auto& header) { header.page.first = 600; },
      [](auto& header) { header.page.second = 400; },
      [](auto& header) { header.fragment = header.fragment + 1; },
      [](auto& header) { header.fragment = header.fragment_count; },
      [](auto& header) { header.fragment_count = header.fragment_count + 1; },
      [](auto& header) { header.fragment_count = 0; },
      [](auto& header) { header.fragment_count = UINT32_MAX; },
  };
  for (std::size_t index = 0; index < spoils.size(); ++index) {
    LogFile pattern = small_chain();
    for (const auto& [page, bytes] : pattern.pages()) {
      CAPTURE(index);
      CAPTURE(page.value);
      LogFile file = small_chain();
      spoils[index](file.header(page));
      const auto read = file.read();
      REQUIRE_FALSE(read.has_value());
      CHECK(read.error().code() == ErrorCode::corrupt);
    }
  }
}

TEST_CASE("fragments of one record that tell page counts or types apart are corruption") {
  const std::vector<Spoil> spoils = {
      [](auto& header) { header.page_count = header.page_count + 1; },
      [](auto& header) { header.page.type = 13 - header.page.type; }};  // the other log type
  for (const Spoil spoil : spoils) {
    LogFile file = small_chain();
    spoil(file.header(std::prev(file.pages().end())->first));
    CHECK(file.read().error().code() == ErrorCode::corrupt);
  }
}

// Pages were written in the order of their numbers, so a link to a later one is a circle. The first
// of all ends the chain, whatever it links to.
TEST_CASE("a chain that leads back to itself is corruption") {
  LogFile pattern = small_chain();
  const PageNo first = pattern.pages().begin()->first;
  for (const auto& [from, bytes] : pattern.pages()) {
    for (const auto& [to, target] : pattern.pages()) {
      if (from == first || to < from) continue;
      LogFile file = small_chain();
      file.link(from, to);
      REQUIRE_FALSE(file.read().has_value());
    }
  }
}

TEST_CASE("a record of fragments that two transactions wrote is corruption") {
  Dice dice(4);
  LogFile file(4096);
  for (const std::uint64_t txn : {10U, 11U, 12U}) {
    LogRecord record = random_record(dice, {txn}, txn == 10, 1);
    record.page_count = {1000};
    record.extents.assign(600, {{20}, 1});
    file.append(record);
  }
  std::vector<PageNo> pages;
  for (const auto& [page, bytes] : file.pages()) pages.push_back(page);
  REQUIRE(pages.size() == 6);
  CHECK(file.read().has_value());
  file.link(pages[5], pages[2]);  // the second half of the third record, the first of the second
  CHECK(file.read().error().code() == ErrorCode::corrupt);
}

/// A chain and a tail of three small records.
LogFile chain_with_tail() {
  Dice dice(5);
  LogFile file = small_chain();
  for (const std::uint64_t txn : {20U, 21U, 22U}) {
    LogRecord record = random_record(dice, {txn}, false, 1);
    record.extents.assign(2, {{20}, 1});
    record.dead.assign(1, {{{30}, 1}, {1}, {txn}});
    REQUIRE(file.append_to_tail(record));
  }
  return file;
}

constexpr std::size_t tail_record_size =
    sizeof(layout::LogTailRecord) + 2 * sizeof(layout::LogExtent) + sizeof(layout::LogTailDead);

TEST_CASE("a tail that is cut, or whose records do not rise above their page's, is corruption") {
  CHECK(chain_with_tail().read().value().size() == 6);
  for (std::size_t size = 0; size < 3 * tail_record_size; ++size) {
    CAPTURE(size);
    LogFile file = chain_with_tail();
    file.tail().resize(size);
    CHECK(file.read().has_value() == (size % tail_record_size == 0));
  }
  for (const std::uint64_t txn : {0U, 1U, 12U, 20U, 22U}) {
    CAPTURE(txn);
    LogFile file = chain_with_tail();
    overlay<layout::LogTailRecord>(file.tail().data() + tail_record_size)->txn = txn;
    CHECK(file.read().error().code() == ErrorCode::corrupt);
  }
}

TEST_CASE("a log without a checkpoint is corruption") {
  LogFile file(4096);
  CHECK(file.read().error().code() == ErrorCode::corrupt);
  Dice dice(6);
  LogRecord record = random_record(dice, {5}, false, 3);
  REQUIRE(file.append_to_tail(record));
  CHECK(file.read().error().code() == ErrorCode::corrupt);
  record.txn = {6};
  file.append(record);
  CHECK(file.read().error().code() == ErrorCode::corrupt);
}

TEST_CASE("a tail where none may be is corruption") {
  for (const bool is_checkpoint : {true, false}) {
    CAPTURE(is_checkpoint);
    LogFile file = small_chain();  // pages 0 to 2 are the checkpoint, 3 and 4 of the others
    std::vector<PageNo> pages;
    for (const auto& [page, bytes] : file.pages()) pages.push_back(page);
    file.header(is_checkpoint ? pages.front() : pages.back()).tail_size = 14;
    CHECK(file.read().error().code() == ErrorCode::corrupt);
  }
}

TEST_CASE("reading a tail that somebody made up does no harm") {
  std::uint64_t refused = 0;
  const std::uint64_t rounds = scaled(20'000);
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    LogFile file = chain_with_tail();
    for (std::uint64_t left = 1 + dice.below(3); left > 0; --left)
      file.tail()[dice.below(file.tail().size())] = static_cast<std::byte>(dice.below(256));
    std::vector<std::byte> exact(file.tail());  // so that the sanitizer sees its end
    file.tail().swap(exact);
    if (!file.read()) ++refused;
  }
  CHECK(refused > rounds / 4);
  CHECK(refused < rounds);
}

// Law: whatever the pages say, reading ends, reads no byte outside a page, and gives what was
// written, an error, or something else that was in the pages.
TEST_CASE("reading pages that somebody made up does no harm") {
  std::uint64_t refused = 0;
  const std::uint64_t rounds = scaled(20'000);
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    LogFile file = small_chain();
    for (std::uint64_t left = 1 + dice.below(3); left > 0; --left) {
      const auto page = std::next(file.pages().begin(),
                                  static_cast<std::ptrdiff_t>(dice.below(file.pages().size())));
      const std::uint64_t offset = dice.below(sizeof(LogPageHeader) + 8);
      const bool is_small = dice.one_in(2);
      page->second[offset] = static_cast<std::byte>(is_small ? dice.below(4) : dice.below(256));
    }
    if (!file.read()) ++refused;
  }
  CHECK(refused > rounds / 4);
  CHECK(refused < rounds);
}

}  // namespace
}  // namespace quire::test
