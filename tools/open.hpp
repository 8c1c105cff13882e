// Opening: the database that a request names, and the tables in it that it asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quire/quire.hpp"
#include "tools/json.hpp"
#include "tools/notation.hpp"
#include "tools/request.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Read-only: the file is not changed, whatever is done.
Outcome<quire::Storage> open_for_reading(const Request& request);

/// For editing a database that must be there.
Outcome<quire::Storage> open_for_writing(const Request& request);

/// One table and how its entries are written.
struct OpenTable {
  quire::TableInfo info;
  quire::RawTable table;
  Notation key;
  Notation value;
};

/// The table that the request names, or the only one. Not there: `different`. Several, and none is
/// named: a usage error that lists them.
Outcome<OpenTable> open_table(const quire::Storage& storage, const Request& request);

/// The table that the request names, or all of them.
Outcome<std::vector<OpenTable>> open_tables(const quire::Storage& storage, const Request& request);

/// What the catalog says of every table, by name.
Outcome<std::vector<quire::TableInfo>> list_tables(const quire::Storage& storage);

}  // namespace kvtool
