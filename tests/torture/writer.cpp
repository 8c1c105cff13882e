// The torture's writer: one transaction after the other, under every durability, now and then
// abandoned, empty or large.
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "torture/breach.hpp"
#include "torture/content.hpp"
#include "torture/job.hpp"

namespace quire::test {
namespace {

class Writer : private Worker {
 public:
  explicit Writer(Job& job) : Worker(job) {}

  void run() {
    while (!is_asked_to_end()) {
      transact();
      if (dice_.one_in(30)) look();
      if (dice_.one_in(30)) sync();
      if (dice_.one_in(60)) reopen();
      if (dice_.one_in(40)) keep_ = choose_window_size();
      ++line_.steps;
    }
    close();
  }

 private:
  void reopen() {
    close();
    open();
  }

  std::uint64_t choose_window_size() {
    if (dice_.one_in(6)) return dice_.below(4);
    return dice_.one_in(6) ? dice_.below(200) : dice_.below(40);
  }

  void transact() {
    const std::uint64_t readers_out = job_.board.readers_out();
    WriteTransaction txn = begin();
    if (readers_out % 2 == 1) demand_no_dead_pins(readers_out);
    demand(txn.txn() > job_.board.floor().used, "an id that has written pages is used again");
    line_.enter(Phase::editing);
    const TableId table = find_table(txn);
    const Windows windows = read_windows(txn, table);
    if (dice_.one_in(30)) {
      commit_nothing(std::move(txn));
      return;
    }
    edit(txn, table, windows);
    if (dice_.one_in(30))
      std::move(txn).abandon();
    else
      commit(std::move(txn), windows[job_.index].last + 1);
  }

  WriteTransaction begin() {
    line_.enter(Phase::entering);
    if (dice_.one_in(10)) {
      auto txn = dice_.one_in(2) ? database_->try_begin_write()
                                 : database_->begin_write_for(std::chrono::milliseconds(3));
      if (txn) return std::move(*txn);
      if (txn.error().code() != ErrorCode::busy) report_breach(txn.error().message());
    }
    return database_->begin_write().value();
  }

  /// Law: when a transaction begins, nothing is kept any more for those who were dead by then. The
  /// other writer may look at a state.
  void demand_no_dead_pins(std::uint64_t readers_out) {
    const std::uint64_t pins = database_->statistics().value().pins;
    demand(pins < writer_count || job_.board.readers_out() != readers_out,
           [&] { return std::to_string(pins) + " pins are left, and no reader lives"; });
  }

  static TableId find_table(WriteTransaction& txn) {
    if (const auto table = txn.table(table_name).value()) return table->root.table;
    TableSpec spec;
    spec.value_alignment = 8;
    return txn.create_table(table_name, spec).value();
  }

  /// Law: a transaction builds on all that was committed before it began.
  Windows read_windows(WriteTransaction& txn, TableId table) {
    Windows windows{};
    if (dice_.one_in(10)) {
      windows = read_content(txn.cursor(txn.root(table, table_name).value())).windows;
    } else {
      for (std::uint32_t writer = 0; writer < writer_count; ++writer) {
        const auto bytes = txn.get(table, table_name, as_bytes(count_key(writer))).value();
        if (bytes) windows[writer] = window_of(*bytes);
      }
    }
    demand_above(job_.board.floor(), txn.txn(), windows);
    demand_attempted(job_.board, windows);
    // What a dead process of this number has tried, and is not there now, must not come back.
    line_.attempted = windows[job_.index].last;
    return windows;
  }

  static void put(WriteTransaction& txn, TableId table, const std::string& key, Bytes value) {
    static_cast<void>(txn.put(table, table_name, as_bytes(key), value).value());
  }

  void put_part(WriteTransaction& txn, TableId table, std::uint64_t number, std::uint32_t part) {
    const Recipe recipe = recipe_of(job_.index, number, part);
    put(txn, table, entry_key(job_.index, number, part), cook(recipe, room_));
    if (recipe.size < layout::default_page_size) return;
    // A large value goes to the file before the commit, at the latest when somebody may look at it.
    static_cast<void>(txn.root(table, table_name).value());
    line_.used = txn.txn().value;
  }

  void edit(WriteTransaction& txn, TableId table, Windows windows) {
    Window& mine = windows[job_.index];
    ++mine.last;
    for (std::uint32_t part = 0; part < part_count(job_.index, mine.last); ++part)
      put_part(txn, table, mine.last, part);
    for (; mine.last - mine.first > keep_; ++mine.first) erase(txn, table, mine.first);
    put(txn, table, count_key(job_.index), as_bytes(bytes_of(mine)));
    put(txn, table, total_key(), as_bytes(bytes_of(total_of(windows))));
  }

  void erase(WriteTransaction& txn, TableId table, std::uint64_t number) const {
    for (std::uint32_t part = 0; part < part_count(job_.index, number); ++part) {
      const std::string key = entry_key(job_.index, number, part);
      const bool was_there = txn.erase(table, table_name, as_bytes(key)).value();
      demand(was_there, [&] { return key + " is not there to be erased"; });
    }
  }

  void commit(WriteTransaction txn, std::uint64_t number) {
    constexpr std::array<Durability, 4> choices = {Durability::full, Durability::two_phase,
                                                   Durability::buffered, Durability::buffered};
    const Durability durability = dice_.any_of(choices);
    line_.attempted = number;
    line_.enter(Phase::committing);
    const CommitReceipt receipt = std::move(txn).commit(durability).value();
    line_.numbers[job_.index] = number;
    line_.txn = receipt.txn.value;
    demand(receipt.is_durable || durability == Durability::buffered,
           "a commit that was to be durable returned and is not");
    if (receipt.is_durable) line_.durable = receipt.txn.value;
    if (!receipt.is_durable && dice_.one_in(8)) wait_for(receipt);
  }

  void wait_for(const CommitReceipt& receipt) {
    line_.enter(Phase::syncing);
    receipt.ticket.wait().value();
    line_.durable = receipt.txn.value;
  }

  /// What it saw is published when it returns.
  void commit_nothing(WriteTransaction txn) {
    line_.enter(Phase::committing);
    line_.txn = std::move(txn).commit().value().txn.value;
  }

  void sync() {
    line_.enter(Phase::syncing);
    const std::uint64_t newest = line_.txn;
    database_->sync().value();
    line_.durable = newest;
  }

  /// Law: what was committed is seen by whoever looks afterwards.
  void look() {
    const Floor floor = job_.board.floor();
    line_.enter(Phase::pinning);
    const Snapshot snapshot = database_->snapshot().value();
    line_.enter(Phase::reading);
    const Windows windows = read_snapshot(snapshot).windows;
    demand_above(floor, snapshot.txn(), windows);
  }

  std::uint64_t keep_ = 20;
  std::string room_;
};

}  // namespace

void run_writer(Job& job) { Writer(job).run(); }

}  // namespace quire::test
