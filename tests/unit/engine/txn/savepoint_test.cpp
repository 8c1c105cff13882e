// Savepoints: what was done since one can be undone, all of it and nothing else.
#include "quire/engine/txn/savepoint.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <vector>

#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"
#include "unit/engine/txn/watched_files.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

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
    options_.log_in_slots = seed % 2 == 0;
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
    std::uint64_t moment;
  };
  /// A value of which pieces are still to come.
  struct Growing {
    ValueWriter writer;
    TableId table;
    std::string key;
    std::string value;
    std::uint64_t moment;  ///< at which it was begun
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
    if (dice_.one_in(2)) growing_.clear();
    if (dice_.one_in(4)) {
      std::move(txn).abandon();
      tables_ = before;
    } else {
      constexpr std::array levels = {Durability::full, Durability::buffered, Durability::resident};
      commit(txn, dice_.any_of(levels));
    }
    close_growing();
    REQUIRE_FALSE(watch_.is_any_written_twice);
    REQUIRE((tables_of(old) == before));
    watch_.clear();
  }

  void step(WriteTransaction& txn) {
    const std::uint64_t kind = tables_.empty() ? 7 : dice_.below(26);
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
      case 12: return begin_value(txn);
      case 13:
      case 14:
      case 15:
      case 16: return go_on_with_value();
      case 17: return reserve(txn);
      default: return edit(txn);
    }
  }

  // ---- Savepoints

  void take(WriteTransaction& txn) {
    if (saved_.size() < 6) saved_.push_back({txn.savepoint().value(), tables_, ++moment_});
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
    close_growing(saved_[index].moment);
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

  // ---- Values in pieces and in place

  void begin_value(WriteTransaction& txn) {
    const auto& [name, table] = some_table();
    const std::string key = this->key();
    std::string value = this->value();
    if (dice_.one_in(2)) value += dice_.bytes(dice_.mostly_small(1'000'000));
    growing_.push_back({txn.put_in_pieces(table.id, name, as_bytes(key), value.size()).value(),
                        table.id, key, std::move(value), ++moment_});
  }

  void go_on_with_value() {
    if (growing_.empty()) return;
    const auto at = growing_.begin() + static_cast<std::ptrdiff_t>(dice_.below(growing_.size()));
    Growing& growing = *at;
    const Bytes rest = as_bytes(growing.value).last(growing.writer.missing());
    const Bytes piece = rest.first(std::min<std::size_t>(rest.size(), dice_.below(400'000)));
    growing.writer.write(piece).value();
    if (piece.size() == rest.size()) {
      const auto table = std::ranges::find(tables_, growing.table,
                                           [](const auto& each) { return each.second.id; });
      const Status finished = growing.writer.finish();
      REQUIRE(finished.has_value() == (table != tables_.end()));
      if (finished) table->second.entries[growing.key] = growing.value;
    } else if (!dice_.one_in(10)) {
      return;
    }
    growing_.erase(at);
  }

  /// Those that were begun after the moment, which are over.
  void close_growing(std::uint64_t moment = 0) {
    std::erase_if(growing_, [&](Growing& growing) {
      if (growing.moment < moment) return false;
      REQUIRE(code_of(growing.writer.write({})) == ErrorCode::closed);
      REQUIRE(code_of(growing.writer.finish()) == ErrorCode::closed);
      return true;
    });
  }

  void reserve(WriteTransaction& txn) {
    auto& [name, table] = some_table();
    const NamedTable named{table.id, name};
    const std::string key = this->key();
    const std::string value = this->value();
    const MutableBytes room = txn.reserve(table.id, name, as_bytes(key), value.size()).value();
    REQUIRE(as_text(room) == std::string(value.size(), '\0'));
    if (dice_.one_in(3)) REQUIRE((get(txn, named, key) == std::string(value.size(), '\0')));
    copy_bytes(room.data(), as_bytes(value));
    if (dice_.one_in(3)) REQUIRE((get(txn, named, key) == value));
    table.entries[key] = value;
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
  std::vector<Growing> growing_;
  std::uint64_t moment_ = 0;  ///< rises
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
