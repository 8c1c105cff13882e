#include "model/course.hpp"

#include <doctest/doctest.h>

#include <iterator>

#include "model/reading.hpp"

namespace quire::test {
namespace {

constexpr std::size_t most_held = 3;

Options random_options(Dice& dice, std::uint32_t page_size) {
  constexpr std::array<std::uint32_t, 4> chains = {0, 3, 16, 64};
  Options options;
  options.page_size = page_size;
  constexpr std::array levels = {Durability::buffered, Durability::resident, Durability::full};
  options.durability = dice.any_of(levels);
  if (options.durability == Durability::full) options.redo_log_size = dice.below(64) * page_size;
  options.reader_slots = 64;
  options.checkpoint_after = dice.any_of(chains);
  options.log_in_slots = dice.one_in(2);
  if (dice.one_in(3)) options.memory_budget = (8 + dice.below(40)) * page_size;
  if (dice.one_in(3)) options.sync_after = (20 + dice.below(500)) * page_size;
  if (dice.one_in(4)) options.verification = Verification::always;
  return options;
}

}  // namespace

Course::Course(std::uint64_t seed)
    : dice_(seed),
      options_(random_options(dice_, model_page_sizes[seed % model_page_sizes.size()])) {
  const bool is_on_disk = seed / model_page_sizes.size() % 10 == 0;
  if (is_on_disk) {
    directory_.emplace();
    path_ = *directory_ / "model.quire";
  } else {
    files_ = std::make_shared<MemoryFileSystem>();
    options_.file_system = files_.get();
    options_.file_system_owner = files_;
    path_ = "model.quire";
  }
}

void Course::run(std::uint64_t operations) {
  open();
  {
    WriteTransaction first = database_->begin_write().value();
    for (const char* name : {"a", "b", "c"}) create_table(first, name);
    commit(first);
  }
  while (operations_ < operations) {
    transaction();
    if (dice_.one_in(3)) hold();
    read_held();
    read_published();
    if (dice_.one_in(5)) let_go();
    if (dice_.one_in(25)) check();
    if (dice_.one_in(60)) reopen();
  }
  reopen();
}

// ---- The database's life

void Course::open() {
  ++operations_;
  ++openings_;
  database_.emplace(Database::open(path_, options_).value());
}

void Course::reopen() {
  check();
  const bool says_close = dice_.one_in(2);
  if (says_close) database_->close().value();
  database_.reset();
  // What is held stays readable, and keeps the file for as long.
  require_held_same();
  if (!held_.empty() || !held_values_.empty()) {
    const Result<Database> second = Database::open(path_, options_);
    REQUIRE_FALSE(second.has_value());
    REQUIRE(second.error().code() == ErrorCode::busy);
  }
  held_.clear();
  held_values_.clear();
  open();
  check();
}

/// The file is sound, each of its pages is exactly one thing, and the whole content is the model's.
void Course::check() {
  ++operations_;
  const CheckReport report = database_->check().value();
  for (const Finding& finding : report.findings)
    MESSAGE("page " << finding.page.value << ": " << finding.text);
  REQUIRE(report.is_clean());
  const Statistics statistics = database_->statistics().value();
  const std::uint64_t pages = report.tree_pages + report.overflow_pages + report.log_pages +
                              report.redo_pages + report.free_pages;
  REQUIRE(pages + layout::first_page(page_size()) == statistics.page_count);
  require_same(Reader(database_->snapshot().value()), model_);
}

// ---- Transactions

Model::iterator Course::some_table() {
  return std::next(model_.begin(), static_cast<std::ptrdiff_t>(dice_.below(model_.size())));
}

void Course::transaction() {
  WriteTransaction txn = database_->begin_write().value();
  ++operations_;
  undo_.clear();
  backup_.reset();
  if (dice_.one_in(20)) backup_ = model_;
  for (std::uint64_t left = 1 + dice_.mostly_small(400); left > 0; --left) edit(txn);
  if (dice_.one_in(20)) require_same(Reader(txn), model_);
  saved_.clear();
  end(txn);
}

void Course::end(WriteTransaction& txn) {
  switch (dice_.below(10)) {
    case 0:
      std::move(txn).abandon();
      take_back();
      break;
    case 1:
      take_back();  // the transaction is dropped
      break;
    default: commit(txn); break;
  }
}

void Course::commit(WriteTransaction& txn) {
  constexpr std::array<Durability, 5> levels = {Durability::full, Durability::two_phase,
                                                Durability::buffered, Durability::resident,
                                                Durability::resident};
  // A disk takes its time for a sync.
  const bool says_level = is_on_disk() ? dice_.one_in(10) : dice_.one_in(2);
  std::optional<Durability> level;
  if (says_level) level = dice_.any_of(levels);
  ++operations_;
  ++commits_;
  const CommitReceipt receipt = std::move(txn).commit(level).value();
  REQUIRE(database_->snapshot().value().txn() == receipt.txn);
  const bool has_changed = receipt.pages_written > 0;
  const bool waits = level && (*level == Durability::full || *level == Durability::two_phase);
  if (has_changed && waits) REQUIRE(receipt.is_durable);
  if (dice_.one_in(is_on_disk() ? 100 : 10)) database_->sync().value();
}

// ---- Snapshots and pinned values

void Course::hold() {
  ++operations_;
  if (held_.size() < most_held) held_.push_back({database_->snapshot().value(), model_});
  const auto& [name, table] = *some_table();
  const auto entry = table.entries.lower_bound(table.material->keys.guess());
  if (entry == table.entries.end() || held_values_.size() >= 8) return;
  auto pinned = database_->get(table.id, name, as_bytes(entry->first)).value();
  REQUIRE(pinned.has_value());
  held_values_.push_back({*std::move(pinned), entry->second, table.alignment});
}

void Course::let_go() {
  if (!held_.empty()) {
    const auto at = held_.begin() + static_cast<std::ptrdiff_t>(dice_.below(held_.size()));
    require_same(Reader(at->snapshot), at->model);
    held_.erase(at);
  }
  if (!held_values_.empty()) {
    const HeldValue& last = held_values_.back();
    REQUIRE(is_value(last.value.bytes, last.recipe, last.alignment));
    held_values_.pop_back();
  }
}

void Course::require_held_same() {
  for (const Held& held : held_) require_same(Reader(held.snapshot), held.model);
  for (const HeldValue& held : held_values_)
    REQUIRE(is_value(held.value.bytes, held.recipe, held.alignment));
}

void Course::read_held() {
  for (const Held& held : held_) {
    for (std::uint64_t left = dice_.below(20); left > 0; --left) {
      const auto index = static_cast<std::ptrdiff_t>(dice_.below(held.model.size()));
      const auto& [name, table] = *std::next(held.model.begin(), index);
      read_once(dice_, Reader(held.snapshot), name, table);
      ++operations_;
    }
  }
}

void Course::read_published() {
  const Snapshot snapshot = database_->snapshot().value();
  for (std::uint64_t left = dice_.below(40); left > 0; --left) {
    const auto& [name, table] = *some_table();
    read_once(dice_, Reader(snapshot), name, table);
    ++operations_;
  }
}

}  // namespace quire::test
