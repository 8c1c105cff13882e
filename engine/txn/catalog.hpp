// Catalog: the tree of tables. Table 0 of the file.
//
// A table's record and its descriptors are entries of their own: a commit writes the one again, and
// hardly ever the others.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/mvcc/state.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/engine/tree/cursor.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/txn/table_info.hpp"

namespace quire {

/// The catalog keys of a table: as strings of bytes.
std::string record_key(std::string_view table_name);
std::string descriptor_key(TableId table);

/// What is said of a name that stands for no table.
inline Failure no_such_table(std::string_view name) {
  return fail(Error(ErrorCode::table_missing).with_detail(std::string(name)));
}

layout::TableRecord encode_record(const TreeRoot& root, TxnId created);
std::vector<std::byte> encode_descriptors(std::string_view key, std::string_view value);

/// A table as its record says, without descriptors; nothing when there is no such table. corrupt.
Result<std::optional<TableInfo>> find_record(const Pages& pages, const TreeRoot& catalog,
                                             std::string_view name);

/// The same of the table with this id. The name is the one that it was last known by: after it was
/// renamed, all records are looked through. corrupt.
Result<std::optional<TableInfo>> find_record(const Pages& pages, const TreeRoot& catalog,
                                             TableId id, std::string_view name);

/// The tree of a table known by id and name, in a state; nothing when it is not there. corrupt.
Result<std::optional<TreeRoot>> find_root(const Pages& pages, const State& state, TableId id,
                                          std::string_view name);

/// Everything about a table; nothing when there is no such table. corrupt.
Result<std::optional<TableInfo>> find_table(const Pages& pages, const TreeRoot& catalog,
                                            std::string_view name);

/// Everything about all tables, by name. corrupt.
Result<std::vector<TableInfo>> list_tables(const Pages& pages, const TreeRoot& catalog);

}  // namespace quire
