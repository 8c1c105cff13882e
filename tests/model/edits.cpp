// The edits of a course: what is put, replaced and erased, and how its model follows.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "model/course.hpp"
#include "model/reading.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t largest_value = std::uint64_t{16} << 20;

}  // namespace

/// The model goes back to this if the transaction is abandoned.
void Course::note(const std::string& name, const TableModel& table, const std::string& key) {
  if (backup_) return;
  const auto old = table.entries.find(key);
  undo_.push_back(
      {name, key, old == table.entries.end() ? std::nullopt : std::optional<Recipe>(old->second)});
}

void Course::take_back(std::size_t undo_size) {
  if (backup_) model_ = *std::move(backup_);
  for (; undo_.size() > undo_size; undo_.pop_back()) {
    const Undo& last = undo_.back();
    Entries& entries = model_.at(last.table).entries;
    if (last.before)
      entries[last.key] = *last.before;
    else
      entries.erase(last.key);
  }
}

// ---- Savepoints

/// Takes one more, or goes back to one, or releases one.
void Course::edit_savepoints(WriteTransaction& txn) {
  constexpr std::size_t most_saved = 4;
  if (saved_.empty() || (saved_.size() < most_saved && dice_.one_in(2))) {
    saved_.push_back({txn.savepoint().value(), undo_.size(), {}});
    if (backup_) saved_.back().backup = model_;
    return;
  }
  const std::size_t index = dice_.below(saved_.size());
  const auto after = saved_.begin() + static_cast<std::ptrdiff_t>(index);
  if (dice_.one_in(2)) {
    txn.release(after->savepoint).value();
    saved_.erase(after, saved_.end());
    return;
  }
  txn.rollback_to(after->savepoint).value();
  saved_.erase(after + 1, saved_.end());
  if (backup_)
    model_ = *after->backup;
  else
    take_back(after->undo_size);
}

// ---- Tables

void Course::create_table(WriteTransaction& txn, const std::string& name) {
  TableModel table;
  table.alignment = std::uint32_t{1} << dice_.below(7);
  table.material = std::make_shared<Material>(dice_, page_size());
  TableSpec spec;
  spec.value_alignment = table.alignment;
  spec.key_descriptor = std::string(dice_.mostly_small(2000), 'k');
  table.id = txn.create_table(name, spec).value();
  model_.emplace(name, std::move(table));
}

void Course::edit_tables(WriteTransaction& txn) {
  const std::string name = "table " + std::to_string(dice_.below(20));
  if (!model_.contains(name)) {
    create_table(txn, name);
  } else if (model_.size() > 2 && dice_.one_in(2)) {
    txn.drop_table(name).value();
    model_.erase(name);
  } else {
    REQUIRE(txn.create_table(name, {}).error().code() == ErrorCode::table_exists);
  }
}

// ---- Entries

Recipe Course::value_for(TableModel& table, const std::string& key) {
  if (dice_.one_in(20'000)) {
    const bool is_largest = dice_.one_in(4);
    return {dice_.number(), is_largest ? largest_value : dice_.below(largest_value)};
  }
  if (dice_.one_in(200))
    return {dice_.number(), dice_.mostly_small(8 * std::uint64_t{page_size()})};
  return table.material->values.next(key.size());
}

void Course::put(WriteTransaction& txn, const std::string& name, TableModel& table) {
  const bool is_new = table.material->is_growing && dice_.one_in(2);
  const std::string key = is_new ? table.material->keys.next() : some_key(dice_, table);
  const Recipe recipe = value_for(table, key);
  const Bytes value = cook(recipe, room_);
  const bool was_there = table.entries.contains(key);
  constexpr std::array<PutMode, 6> modes = {PutMode::upsert,      PutMode::upsert,
                                            PutMode::upsert,      PutMode::upsert,
                                            PutMode::insert_only, PutMode::replace_only};
  const PutMode mode = dice_.any_of(modes);
  const bool answer = txn.put(table.id, name, as_bytes(key), value, mode).value();
  REQUIRE(answer == (mode == PutMode::replace_only ? was_there : !was_there));
  if (mode != PutMode::upsert && !answer) return;
  note(name, table, key);
  table.entries[key] = recipe;
}

void Course::erase(WriteTransaction& txn, const std::string& name, TableModel& table) {
  const std::string key = some_key(dice_, table);
  const bool was_there = table.entries.contains(key);
  REQUIRE(txn.erase(table.id, name, as_bytes(key)).value() == was_there);
  if (!was_there) return;
  note(name, table, key);
  table.entries.erase(key);
}

/// From a key on a short way, or to another key, wherever that is.
void Course::erase_range(WriteTransaction& txn, const std::string& name, TableModel& table) {
  const std::string from = some_key(dice_, table);
  std::string to = some_key(dice_, table);
  const auto first = table.entries.lower_bound(from);
  if (!dice_.one_in(8)) {
    auto near = first;
    for (std::uint64_t steps = dice_.mostly_small(300); steps > 0; --steps)
      if (near != table.entries.end()) ++near;
    if (near != table.entries.end()) to = near->first;
  }
  const auto end = from < to ? table.entries.lower_bound(to) : first;
  const auto expected = static_cast<std::uint64_t>(std::distance(first, end));
  REQUIRE(txn.erase_range(table.id, name, {as_bytes(from), as_bytes(to)}).value() == expected);
  for (auto entry = first; entry != end; ++entry) note(name, table, entry->first);
  table.entries.erase(first, end);
}

/// Some new entries at once, in order or not, with other edits of the transaction in between.
void Course::load(WriteTransaction& txn, const std::string& name, TableModel& table) {
  std::vector<std::string> keys;
  for (std::uint64_t left = dice_.mostly_small(500); left > 0; --left)
    keys.push_back(table.material->keys.next());
  if (dice_.one_in(2)) std::ranges::sort(keys);
  BulkLoad load = txn.bulk_load(table.id, name).value();
  for (const std::string& key : keys) {
    const Recipe recipe = value_for(table, key);
    load.append(as_bytes(key), cook(recipe, room_)).value();
    note(name, table, key);
    table.entries[key] = recipe;
    if (!dice_.one_in(200)) continue;
    auto& [other_name, other] = *some_table();
    if (other_name != name) put(txn, other_name, other);
  }
  load.finish().value();
}

/// Tables grow until they are large and shrink until they are empty, again and again.
void Course::edit(WriteTransaction& txn) {
  ++operations_;
  if (backup_ && dice_.one_in(20)) return edit_tables(txn);
  if (dice_.one_in(60)) return edit_savepoints(txn);
  auto& [name, table] = *some_table();
  Material& material = *table.material;
  if (table.entries.size() >= material.most_entries) material.is_growing = false;
  if (table.entries.empty()) material.is_growing = true;
  const std::uint64_t kind = dice_.below(20);
  if (kind < 7) return read_once(dice_, Reader(txn), name, table);
  if (dice_.one_in(material.is_growing ? 600 : 60)) return erase_range(txn, name, table);
  if (material.is_growing && dice_.one_in(400)) return load(txn, name, table);
  const bool is_put = material.is_growing ? kind < 18 : kind < 10;
  if (is_put)
    put(txn, name, table);
  else
    erase(txn, name, table);
}

}  // namespace quire::test
