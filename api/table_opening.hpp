// Opening tables: what is found of a table against what is asked of it, and what is done then.
#pragma once

#include <string>
#include <vector>

#include "quire/api/migration.hpp"
#include "quire/api/recreate.hpp"
#include "quire/api/schema_mismatch.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// All that is said of a table that is to be opened.
struct TableRequest {
  Database database;
  std::string name;
  Create create = Create::if_missing;
  Recreate recreate = Recreate::never;
  AskedTable asked = {};
  std::vector<Migration> migrations = {};
  MigrationHook migration_hook = {};
};

/// The id of the table, which is made, migrated or made anew where that was asked for, in
/// transactions of their own. type_mismatch, table_missing, and what these transactions fail with.
Result<TableId> open_table(const TableRequest& request);

}  // namespace quire
