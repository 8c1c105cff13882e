// Savepoints: what was done since one can be undone, all of it and nothing else.
#include "quire/engine/txn/savepoint.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "support/forwarding_files.hpp"
#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

/// What was done to the data file since the last clear().
struct Watch {
  std::uint32_t page_size = 0;
  std::set<std::uint64_t> written;  ///< pages
  bool is_any_written_twice = false;
  bool fails_to_write = false;

  void clear() {
    written.clear();
    is_any_written_twice = false;
  }
};

class WatchedFile final : public ForwardingFile {
 public:
  WatchedFile(std::unique_ptr<File> file, Watch& watch)
      : ForwardingFile(std::move(file)), watch_(watch) {}

  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    const std::uint64_t first = offset / watch_.page_size;
    if (first < layout::first_page(watch_.page_size)) return ForwardingFile::write(offset, pieces);
    if (watch_.fails_to_write) return fail(ErrorCode::io_failed);
    std::uint64_t size = 0;
    for (const Bytes piece : pieces) size += piece.size();
    if (are_zeros(pieces)) return ForwardingFile::write(offset, pieces);
    for (std::uint64_t page = first; page * watch_.page_size < offset + size; ++page)
      watch_.is_any_written_twice |= !watch_.written.insert(page).second;
    return ForwardingFile::write(offset, pieces);
  }

 private:
  /// What a file that grows is filled with.
  static bool are_zeros(std::span<const Bytes> pieces) {
    return std::ranges::all_of(pieces, [](Bytes piece) {
      return std::ranges::all_of(piece, [](std::byte byte) { return byte == std::byte{}; });
    });
  }

  Watch& watch_;
};

class WatchedFiles final : public ForwardingFiles {
 public:
  WatchedFiles(FileSystem& files, Watch& watch) : ForwardingFiles(files), watch_(watch) {}

 protected:
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override {
    return std::make_unique<WatchedFile>(std::move(file), watch_);
  }

 private:
  Watch& watch_;
};

struct TableModel {
  TableId id;
  Content entries;
  bool operator==(const TableModel&) const = default;
};
using Tables = std::map<std::string, TableModel>;

Tables tables_of(WriteTransaction& txn) {
  Tables tables;
  for (const TableInfo& table : txn.tables().value()) {
    const TreeRoot root = txn.root(table.root.table, table.name).value();
    const auto all = entries(txn.cursor(root));
    REQUIRE(all.size() == root.entries);
    tables[table.name] = {root.table, {all.begin(), all.end()}};
  }
  return tables;
}

Tables tables_of(const Snapshot& snapshot) {
  Tables tables;
  for (const TableInfo& table : snapshot.tables().value())
    tables[table.name] = {table.root.table, content(snapshot, {table.root.table, table.name})};
  return tables;
}

/// One database, edited at random with savepoints in between, and maps that are copied at each.
class SavepointRun {
 public:
  explicit SavepointRun(std::uint64_t seed)
      : dice_(seed), watch_{.page_size = seed % 3 == 0 ? 16384U : 4096U, .written = {}} {
    options_.page_size = watch_.page_size;
    options_.memory_budget = std::uint64_t{seed % 2 == 0 ? 32U : 4096U} << 12;
    options_.checkpoint_after = 4;
    options_.file_system = &files_;
    open();
  }

  void run() {
    for (int round = 0; round < 8; ++round) {
      transaction();
      require_all_same();
      if (dice_.one_in(4)) reopen();
    }
    reopen();
    require_all_same();
  }

 private:
  struct Saved {
    Savepoint savepoint;
    Tables tables;
  };

  void open() { database_.emplace(Database::open("file", options_).value()); }
  void reopen() {
    database_->close().value();
    database_.reset();
    open();
  }
  void require_all_same() {
    require_sound(*database_);
    REQUIRE((tables_of(database_->snapshot().value()) == tables_));
  }

  void transaction() {
    const Snapshot old = database_->snapshot().value();
    const Tables before = tables_;
    WriteTransaction txn = database_->begin_write().value();
    watch_.clear();
    if (!gone_.empty()) require_refused(txn, gone_.front());
    for (std::uint64_t left = 20 + dice_.below(60); left > 0; --left) step(txn);
    REQUIRE((tables_of(txn) == tables_));
    for (const Saved& saved : saved_) gone_.push_back(saved.savepoint);
    saved_.clear();
    if (dice_.one_in(4)) {
      std::move(txn).abandon();
      tables_ = before;
    } else {
      constexpr std::array levels = {Durability::full, Durability::buffered, Durability::resident};
      commit(txn, dice_.any_of(levels));
    }
    REQUIRE_FALSE(watch_.is_any_written_twice);
    REQUIRE((tables_of(old) == before));
    watch_.clear();
  }

  void step(WriteTransaction& txn) {
    const std::uint64_t kind = tables_.empty() ? 7 : dice_.below(20);
    switch (kind) {
      case 0:
      case 1:
      case 2:
      case 3: return take(txn);
      case 4:
      case 5: return roll_back(txn);
      case 6: return release(txn);
      case 7: return edit_tables(txn);
      case 8: return erase_range(txn);
      case 9: return load(txn);
      case 10: return break_load(txn);
      case 11: return break_put(txn);
      default: return edit(txn);
    }
  }

  // ---- Savepoints

  void take(WriteTransaction& txn) {
    if (saved_.size() < 6) saved_.push_back({txn.savepoint().value(), tables_});
  }

  /// Those from this one on are gone.
  void drop_from(std::size_t first) {
    for (; saved_.size() > first; saved_.pop_back()) gone_.push_back(saved_.back().savepoint);
  }

  void roll_back(WriteTransaction& txn) {
    if (saved_.empty()) return;
    const std::size_t index = dice_.below(saved_.size());
    txn.rollback_to(saved_[index].savepoint).value();
    tables_ = saved_[index].tables;
    drop_from(index + 1);
    if (dice_.one_in(2)) REQUIRE((tables_of(txn) == tables_));
    if (!gone_.empty()) require_refused(txn, gone_.back());
  }

  void release(WriteTransaction& txn) {
    if (saved_.empty()) return;
    const std::size_t index = dice_.below(saved_.size());
    txn.release(saved_[index].savepoint).value();
    drop_from(index);
    require_refused(txn, gone_.back());
  }

  static void require_refused(WriteTransaction& txn, const Savepoint& savepoint) {
    REQUIRE(code_of(txn.rollback_to(savepoint)) == ErrorCode::invalid_argument);
    REQUIRE(code_of(txn.release(savepoint)) == ErrorCode::invalid_argument);
  }

  // ---- Edits

  Tables::value_type& some_table() {
    return *std::next(tables_.begin(), static_cast<std::ptrdiff_t>(dice_.below(tables_.size())));
  }
  std::string key() { return key_of(dice_.below(2000)); }
  std::string value() {
    if (dice_.one_in(60)) return dice_.bytes(dice_.mostly_small(600'000));
    return dice_.bytes(dice_.mostly_small(500));
  }

  void edit(WriteTransaction& txn) {
    auto& [name, table] = some_table();
    const NamedTable named{table.id, name};
    const bool erases = dice_.one_in(3);
    for (std::uint64_t left = dice_.mostly_small(400); left > 0; --left) {
      const std::string key = this->key();
      if (erases) {
        REQUIRE(quire::test::erase(txn, named, key) == (table.entries.erase(key) == 1));
      } else {
        put(txn, named, key, table.entries[key] = value());
      }
    }
  }

  void edit_tables(WriteTransaction& txn) {
    const std::string name = "table " + std::to_string(dice_.below(8));
    const auto old = tables_.find(name);
    if (old == tables_.end()) {
      TableSpec spec;
      spec.key_descriptor = std::string(dice_.mostly_small(3000), 'k');
      tables_[name] = {make_table(txn, name, spec).id, {}};
    } else if (const std::string other = name + "!"; dice_.one_in(2) && !tables_.contains(other)) {
      txn.rename_table(name, other).value();
      auto moved = tables_.extract(old);
      moved.key() = other;
      tables_.insert(std::move(moved));
    } else {
      txn.drop_table(name).value();
      tables_.erase(old);
    }
  }

  void erase_range(WriteTransaction& txn) {
    auto& [name, table] = some_table();
    const std::string from = key();
    const std::string to = key();
    const auto first = table.entries.lower_bound(from);
    const auto end = from < to ? table.entries.lower_bound(to) : first;
    const auto count = static_cast<std::uint64_t>(std::distance(first, end));
    REQUIRE(txn.erase_range(table.id, name, {as_bytes(from), as_bytes(to)}).value() == count);
    table.entries.erase(first, end);
  }

  BulkLoad begin_load(WriteTransaction& txn, const Tables::value_type& table) {
    return txn.bulk_load(table.second.id, table.first).value();
  }

  void load(WriteTransaction& txn) {
    auto& named = some_table();
    Content& entries = named.second.entries;
    BulkLoad load = begin_load(txn, named);
    const std::string begin = dice_.one_in(2) || entries.empty() ? "" : entries.rbegin()->first;
    for (std::uint64_t number = 0; number < dice_.mostly_small(3000); ++number) {
      const std::string key = begin + key_of(number);
      load.append(as_bytes(key), as_bytes(entries[key] = value())).value();
    }
    load.finish().value();
  }

  /// A load that is given up breaks the transaction, up to a savepoint.
  void break_load(WriteTransaction& txn) {
    if (saved_.empty()) return;
    {
      BulkLoad load = begin_load(txn, some_table());
      for (std::uint64_t number = 0; number < dice_.mostly_small(3000); ++number)
        load.append(as_bytes(key_of(number)), as_bytes("given up")).value();
      REQUIRE(code_of(txn.savepoint()) == ErrorCode::invalid_argument);
      require_refused(txn, saved_.back().savepoint);
    }
    require_broken(txn);
    roll_back(txn);
  }

  /// A large value that cannot be written does so, too.
  void break_put(WriteTransaction& txn) {
    if (saved_.empty()) return;
    const auto& [name, table] = some_table();
    const std::string large = dice_.bytes(10'000 + dice_.below(600'000));
    watch_.fails_to_write = true;
    const auto stored = txn.put(table.id, name, as_bytes(key()), as_bytes(large));
    const auto found = txn.get(table.id, name, as_bytes(key()));
    watch_.fails_to_write = false;
    REQUIRE_FALSE(found.has_value());  // by now at the latest
    require_broken(txn);
    roll_back(txn);
  }

  void require_broken(WriteTransaction& txn) {
    REQUIRE(code_of(txn.savepoint()) == ErrorCode::transaction_broken);
    REQUIRE(code_of(txn.release(saved_.back().savepoint)) == ErrorCode::transaction_broken);
    REQUIRE(code_of(txn.tables()) == ErrorCode::transaction_broken);
  }

  Dice dice_;
  Watch watch_;
  MemoryFileSystem memory_;
  WatchedFiles files_{memory_, watch_};
  Options options_;
  std::optional<Database> database_;
  Tables tables_;             ///< with the open transaction's edits
  std::vector<Saved> saved_;  ///< the savepoints that are there
  std::vector<Savepoint> gone_;
};

// Law: a transaction that goes back to savepoints is what it would be without what it undid: for
// itself, for readers, and in the file, each page of which has one owner and was written at most
// once. Nobody else sees any of it.
TEST_CASE("savepoints of a random transaction bring back what was there") {
  for (std::uint64_t seed = 0; seed < scaled(60); ++seed) {
    CAPTURE(seed);
    SavepointRun(seed).run();
  }
}

TEST_CASE("a savepoint can be rolled back to more than once, and released then") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  put(txn, table, "before", "1");
  const Savepoint savepoint = txn.savepoint().value();
  for (const char* const value : {"2", "3"}) {
    put(txn, table, "before", value);
    put(txn, table, "since", value);
    txn.rollback_to(savepoint).value();
    CHECK(get(txn, table, "before") == "1");
    CHECK_FALSE(get(txn, table, "since").has_value());
  }
  put(txn, table, "since", "4");
  txn.release(savepoint).value();
  CHECK(code_of(txn.rollback_to(savepoint)) == ErrorCode::invalid_argument);
  commit(txn);
  CHECK(content(store.snapshot(), table) == Content{{"before", "1"}, {"since", "4"}});
}

// Law: a savepoint is of use to its own transaction only.
TEST_CASE("a savepoint of another transaction is refused") {
  Store store;
  const NamedTable table = store.table("t");
  std::optional<Savepoint> others;
  {
    WriteTransaction abandoned = store.begin();
    others = abandoned.savepoint().value();
  }
  WriteTransaction txn = store.begin();
  put(txn, table, "a", "1");
  CHECK(code_of(txn.rollback_to(*others)) == ErrorCode::invalid_argument);
  const Savepoint own = txn.savepoint().value();
  put(txn, table, "b", "2");
  CHECK(code_of(txn.rollback_to(*others)) == ErrorCode::invalid_argument);
  CHECK(code_of(txn.release(*others)) == ErrorCode::invalid_argument);
  commit(txn);
  CHECK(code_of(txn.savepoint()) == ErrorCode::closed);
  CHECK(code_of(txn.rollback_to(own)) == ErrorCode::closed);
  CHECK(content(store.snapshot(), table).size() == 2);
}

// Law: a transaction that undid all that it did commits nothing.
TEST_CASE("nothing is committed when everything was undone") {
  Store store;
  const NamedTable table = store.table("t");
  const TxnId before = store.snapshot().txn();
  WriteTransaction txn = store.begin();
  const Savepoint savepoint = txn.savepoint().value();
  put(txn, table, "a", std::string(100'000, 'x'));
  make_table(txn, "another");
  txn.rollback_to(savepoint).value();
  CHECK(commit(txn).txn == before);
  require_sound(store.database());
}

}  // namespace
}  // namespace quire
