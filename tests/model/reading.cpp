#include "model/reading.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <iterator>

namespace quire::test {
namespace {

bool is_at(Cursor& cursor, const Entries::value_type& entry, std::uint32_t alignment) {
  return cursor.is_at_entry() && equal(cursor.key(), as_bytes(entry.first)) &&
         is_value(cursor.value().value(), entry.second, alignment);
}

using Place = Entries::const_iterator;

Place at_or_before(const Entries& entries, const std::string& key) {
  const Place above = entries.upper_bound(key);
  return above == entries.begin() ? entries.end() : std::prev(above);
}

/// From a place on, so many entries.
void require_forward(Cursor& cursor, bool is_there, const TableModel& table, Place from,
                     std::uint64_t steps) {
  for (; steps > 0; --steps) {
    REQUIRE(is_there == (from != table.entries.end()));
    if (!is_there) break;
    REQUIRE(is_at(cursor, *from, table.alignment));
    is_there = cursor.next().value();
    ++from;
  }
}

void require_backward(Cursor& cursor, bool is_there, const TableModel& table, Place from,
                      std::uint64_t steps) {
  REQUIRE(is_there == (from != table.entries.end()));
  while (is_there && steps > 0) {
    REQUIRE(is_at(cursor, *from, table.alignment));
    is_there = cursor.previous().value();
    REQUIRE(is_there == (from != table.entries.begin()));
    if (is_there) --from;
    --steps;
  }
}

Place last_of(const Entries& entries) {
  return entries.empty() ? entries.end() : std::prev(entries.end());
}

void require_get(const Reader& reader, const std::string& name, const TableModel& table,
                 const std::string& key) {
  const std::optional<Value> found = reader.get(name, table.id, as_bytes(key));
  const Place expected = table.entries.find(key);
  REQUIRE(found.has_value() == (expected != table.entries.end()));
  if (found) REQUIRE(is_value(*found, expected->second, table.alignment));
}

}  // namespace

// ---- The two kinds of states

TreeRoot Reader::root(const std::string& name, TableId id) const {
  if (snapshot_ != nullptr) return snapshot_->root(id, name).value().value();
  return transaction_->root(id, name).value();
}

Cursor Reader::cursor(const TreeRoot& root) const {
  return snapshot_ != nullptr ? snapshot_->cursor(root) : transaction_->cursor(root);
}

std::optional<Value> Reader::get(const std::string& name, TableId id, Bytes key) const {
  if (snapshot_ != nullptr) return snapshot_->get(root(name, id), key).value();
  return transaction_->get(id, name, key).value();
}

std::vector<TableInfo> Reader::tables() const {
  return snapshot_ != nullptr ? snapshot_->tables().value() : transaction_->tables().value();
}

// ---- Comparing

bool is_value(Bytes bytes, const Recipe& recipe, std::uint32_t alignment) {
  const auto address = std::bit_cast<std::uintptr_t>(bytes.data());
  return (bytes.empty() || address % alignment == 0) && is_made_of(bytes, recipe);
}

std::string some_key(Dice& dice, const TableModel& table) {
  std::string key = table.material->keys.guess();
  if (dice.one_in(2)) return key;
  const Place near = table.entries.lower_bound(key);
  return near == table.entries.end() ? key : near->first;
}

void read_once(Dice& dice, const Reader& reader, const std::string& name, const TableModel& table) {
  const std::string key = some_key(dice, table);
  const Entries& entries = table.entries;
  const std::uint64_t kind = dice.below(12);
  if (kind < 5) return require_get(reader, name, table, key);
  const TreeRoot root = reader.root(name, table.id);
  Cursor cursor = reader.cursor(root);
  const std::uint64_t steps = dice.mostly_small(64);
  switch (kind) {
    case 5: REQUIRE(root.entries == entries.size()); break;
    case 6:
    case 7: {
      const bool found = cursor.seek(as_bytes(key)).value();
      require_forward(cursor, found, table, entries.lower_bound(key), steps + 1);
      break;
    }
    case 8:
    case 9: {
      const bool found = cursor.seek_at_or_before(as_bytes(key)).value();
      require_backward(cursor, found, table, at_or_before(entries, key), steps);
      break;
    }
    case 10:
      require_forward(cursor, cursor.seek_first().value(), table, entries.begin(), steps + 1);
      break;
    default:
      require_backward(cursor, cursor.seek_last().value(), table, last_of(entries), steps);
      break;
  }
}

void require_same(const Reader& reader, const Model& model) {
  const std::vector<TableInfo> tables = reader.tables();
  REQUIRE(tables.size() == model.size());
  auto info = tables.begin();
  for (const auto& [name, table] : model) {
    REQUIRE(info->name == name);
    REQUIRE(info->root.table == table.id);
    REQUIRE(info->root.alignment() == table.alignment);
    REQUIRE(info->root.entries == table.entries.size());
    const TreeRoot root = reader.root(name, table.id);
    REQUIRE(root.entries == table.entries.size());
    Cursor cursor = reader.cursor(root);
    const std::uint64_t all = table.entries.size() + 1;
    require_forward(cursor, cursor.seek_first().value(), table, table.entries.begin(), all);
    require_backward(cursor, cursor.seek_last().value(), table, last_of(table.entries), all);
    ++info;
  }
}

}  // namespace quire::test
