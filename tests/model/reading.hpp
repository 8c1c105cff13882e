// Reading a state in every way, and comparing it with its model.
//
// A state is what a snapshot has, or what an open transaction sees.
#pragma once

#include <optional>
#include <string>

#include "model/model.hpp"
#include "quire/engine/database.hpp"

namespace quire::test {

/// A snapshot or an open transaction, whichever is there.
class Reader {
 public:
  explicit Reader(const Snapshot& snapshot) : snapshot_(&snapshot) {}
  explicit Reader(WriteTransaction& transaction) : transaction_(&transaction) {}

  [[nodiscard]] TreeRoot root(const std::string& name, TableId id) const;
  [[nodiscard]] Cursor cursor(const TreeRoot& root) const;
  [[nodiscard]] std::optional<Value> get(const std::string& name, TableId id, Bytes key) const;
  [[nodiscard]] std::vector<TableInfo> tables() const;

 private:
  const Snapshot* snapshot_ = nullptr;
  WriteTransaction* transaction_ = nullptr;
};

/// A key to look for: often one that is there, often one near to one.
std::string some_key(Dice& dice, const TableModel& table);

/// One random read. Fails the test when the answer is not the model's.
void read_once(Dice& dice, const Reader& reader, const std::string& name, const TableModel& table);

/// Every table, entry by entry, forward and then backward.
void require_same(const Reader& reader, const Model& model);

/// Whether these are the recipe's bytes, at the table's alignment.
bool is_value(Bytes bytes, const Recipe& recipe, std::uint32_t alignment);

}  // namespace quire::test
