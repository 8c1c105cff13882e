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

inline NamedTable find_table(const Database& database, std::string_view name = "t") {
  const TableInfo info = database.snapshot().value().table(name).value().value();
  return {info.root.table, std::string(name)};
}

/// What another process is told when it opens the file: an ErrorCode + 1; 0: it could.
inline int opening_elsewhere(const std::string& path, const Options& options) {
  ChildProcess child([&] {
    const Result<Database> opened = Database::open(path, options);
    return opened ? 0 : static_cast<int>(opened.error().code()) + 1;
  });
  return child.wait();
}

constexpr int refused(ErrorCode code) { return static_cast<int>(code) + 1; }

}  // namespace quire::test
