// A database file on the machine that the processes of a test share.
#pragma once

#include <string>
#include <string_view>

#include "quire/engine/database.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {

inline Options sharing(Durability durability = Durability::full) {
  Options options;
  options.sharing = Sharing::shared;
  options.durability = durability;
  return options;
}

inline Database open_shared(const std::string& path, const Options& options = sharing()) {
  return Database::open(path, options).value();
}

inline NamedTable add_table(const Database& database, std::string_view name = "t") {
  WriteTransaction txn = database.begin_write().value();
  NamedTable table = make_table(txn, name);
  commit(txn);
  return table;
}

inline NamedTable find_table(const Database& database, std::string_view name = "t") {
  const TableInfo info = database.snapshot().value().table(name).value().value();
  return {info.root.table, std::string(name)};
}

inline CommitReceipt store(const Database& database, const NamedTable& table, std::string_view key,
                           std::string_view value) {
  WriteTransaction txn = database.begin_write().value();
  put(txn, table, key, value);
  return commit(txn);
}

inline std::optional<std::string> look(const Database& database, const NamedTable& table,
                                       std::string_view key) {
  return get(database.snapshot().value(), table, key);
}

}  // namespace quire::test
