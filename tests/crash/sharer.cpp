#include "crash/sharer.hpp"

#include <stdexcept>
#include <utility>

#include "crash/traces.hpp"
#include "support/model_material.hpp"

namespace quire::test {
namespace {

constexpr const char* main_table = "a";
constexpr const char* side_table = "b";
constexpr const char* newest_key = "newest";

std::uint64_t number_in(const std::optional<Value>& value) {
  return value ? std::stoull(std::string(as_text(*value))) : 0;
}

std::uint64_t newest_in(const Snapshot& snapshot) {
  const auto table = snapshot.table(main_table).value();
  return table ? number_in(snapshot.get(table->root, as_bytes(newest_key)).value()) : 0;
}

std::uint64_t newest_in(WriteTransaction& transaction) {
  const auto table = transaction.table(main_table).value();
  if (!table) return 0;
  return number_in(transaction.get(table->root.table, main_table, as_bytes(newest_key)).value());
}

std::size_t choose_size(Dice& dice) {
  return dice.one_in(25) ? 5'000 + dice.below(8'000) : dice.below(400);
}

}  // namespace

std::vector<Change> changes_of(const SharedScript& script, std::uint64_t number) {
  Dice dice(script.seed * 1000 + number);
  std::vector<Change> changes{{main_table, newest_key, std::to_string(number)}};
  for (std::uint64_t count = dice.below(6); count != 0; --count) {
    const char* const table = dice.one_in(3) ? side_table : main_table;
    changes.push_back({table, numbered_key(dice.below(30)), text(choose_size(dice), number)});
  }
  if (dice.one_in(4)) {
    for (std::uint64_t key = dice.below(30); key < 30; key += 2)
      changes.push_back({main_table, numbered_key(key), std::nullopt});
  }
  return changes;
}

Sharer::Sharer(const SharedScript& script, const Tape& tape, const std::string& path,
               const Wires& wires)
    : script_(script),
      tape_(tape),
      path_(path),
      wires_(wires),
      recording_(tape),
      files_({}, recording_) {
  recording_.before_waiting = [this] { tell(Event::waits); };
  recording_.during_sync = [this] { halt(); };
}

void Sharer::run(const SharedScript& script, const Tape& tape, const std::string& path,
                 const Wires& wires, Rank rank) {
  Sharer sharer(script, tape, path, wires);
  while (const auto order = wires.orders.receive()) {
    const std::uint64_t index = *order / 2;
    const Step& step = script.steps[index];
    sharer.files_.begin(step.death);
    if (!sharer.database_) sharer.open(rank);
    sharer.may_halt_ = *order % 2 != 0;
    sharer.act(step, index + 1);
    sharer.may_halt_ = false;
    if (!sharer.database_) return;
    sharer.tell(Event::is_done);
  }
}

void Sharer::say(Said what, std::uint64_t number, std::uint64_t other) const {
  tape_.say({.what = static_cast<std::uint64_t>(what), .number = number, .other = other});
}

void Sharer::halt() {
  if (!std::exchange(may_halt_, false)) return;
  tell(Event::halted);
  static_cast<void>(wires_.orders.receive());
}

void Sharer::open(Rank rank) {
  Options options = small_options(script_.options);
  options.file_system = &files_;
  options.log = [this](const LogEntry& entry) {
    goes_on_ = goes_on_ || entry.detail == "others left it without a close";
  };
  database_ = Database::open(path_, options).value();
  if (rank == Rank::other) return;
  say(goes_on_ ? Said::goes_on : Said::opened, newest_in(database_->snapshot().value()));
}

void Sharer::act(const Step& step, std::uint64_t number) {
  switch (step.task) {
    case Task::full: return commit(number, Durability::full);
    case Task::two_phase: return commit(number, Durability::two_phase);
    case Task::buffered: return commit(number, Durability::buffered);
    case Task::abandon: return abandon(number);
    case Task::sync: return sync(number);
    case Task::await: return await();
    case Task::close: return close(number);
  }
}

WriteTransaction Sharer::begin(std::uint64_t& found) const {
  WriteTransaction transaction = database_->begin_write().value();
  found = newest_in(transaction);
  say(Said::found, found);
  return transaction;
}

void Sharer::edit(WriteTransaction& transaction, std::uint64_t number) const {
  Tables tables;
  for (const char* table : {main_table, side_table})
    if (transaction.table(table).value()) tables[table];
  Editor editor(transaction, tables);
  for (const Change& change : changes_of(script_, number)) {
    if (change.value)
      editor.put(change.table, change.key, *change.value);
    else
      editor.erase(change.table, change.key);
  }
  editor.status().value();
}

void Sharer::commit(std::uint64_t number, Durability durability) {
  std::uint64_t found = 0;
  WriteTransaction transaction = begin(found);
  edit(transaction, number);
  say(Said::commits, number, found);
  const CommitReceipt receipt = std::move(transaction).commit(durability).value();
  say(Said::returned, number);
  if (receipt.is_durable) say(Said::is_durable, number);
  if (!receipt.is_durable && durability != Durability::buffered)
    throw std::runtime_error("a commit that waits for its sync says that it is not durable");
  newest_ = number;
  ticket_ = receipt.ticket;
}

void Sharer::abandon(std::uint64_t number) {
  std::uint64_t found = 0;
  WriteTransaction transaction = begin(found);
  edit(transaction, number);
  std::move(transaction).abandon();
}

void Sharer::sync(std::uint64_t number) {
  say(Said::asks_for_sync, number);
  database_->sync().value();
  say(Said::is_synced, number);
}

void Sharer::await() {
  if (newest_ == 0) return;
  ticket_.wait().value();
  say(Said::is_durable, newest_);
}

void Sharer::close(std::uint64_t number) {
  say(Said::asks_for_sync, number);
  database_->close().value();
  database_.reset();
  say(Said::is_synced, number);
}

}  // namespace quire::test
