// ResidentStore: a database whose commits stay in memory, on a disk that counts and fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "support/crash_disk.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {

/// It has one table.
class ResidentStore {
 public:
  explicit ResidentStore(Options options = {}) : options_(std::move(options)) {
    options_.file_system = &disk_;
    open();
    WriteTransaction txn = begin();
    table_ = make_table(txn, "t");
    quire::test::commit(txn, Durability::full);
  }

  [[nodiscard]] Database& database() { return *database_; }
  [[nodiscard]] CrashDisk& disk() { return disk_; }
  [[nodiscard]] const NamedTable& table() const { return table_; }
  [[nodiscard]] Statistics statistics() { return database_->statistics().value(); }
  [[nodiscard]] Snapshot snapshot() { return database_->snapshot().value(); }
  [[nodiscard]] WriteTransaction begin() { return database_->begin_write().value(); }
  [[nodiscard]] Content content() { return quire::test::content(snapshot(), table_); }

  CommitReceipt commit(std::uint64_t number, std::string_view value = "value",
                       Durability durability = Durability::resident) {
    WriteTransaction txn = begin();
    put(txn, table_, key_of(number), value);
    return quire::test::commit(txn, durability);
  }
  /// A resident commit for each number.
  CommitTicket stay(std::uint64_t from, std::uint64_t to) {
    CommitTicket last;
    for (std::uint64_t number = from; number < to; ++number) last = commit(number).ticket;
    return last;
  }

  /// The process dies and comes again.
  void kill() {
    disk_.kill_process();
    database_.reset();
    open();
  }
  void destroy() { database_.reset(); }
  void open() { database_.emplace(Database::open("data", options_).value()); }

  void fail_next(Call call, int error = EIO, Lasting lasting = Lasting::once) {
    disk_.fail(
        {.number = disk_.call_count(call), .call = call, .error = error, .lasting = lasting});
  }
  /// No page fits on the disk any more.
  void fill_disk() {
    fail_next(Call::grow, ENOSPC, Lasting::from_then_on);
    fail_next(Call::write, ENOSPC, Lasting::from_then_on);
  }

 private:
  CrashDisk disk_;
  Options options_;
  std::optional<Database> database_;
  NamedTable table_;
};

}  // namespace quire::test
