// TableInfo: what the catalog says of a table, for people and for typed handles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/page/tree_root.hpp"

namespace quire {

/// How a table is to be made.
struct TableSpec {
  std::uint32_t value_alignment = 1;  ///< 1 to 64, a power of two
  std::string key_descriptor;         ///< of the key format; at most 1 MiB with the other
  std::string value_descriptor;
};

/// What a table may be called and how it may be made, whatever keeps it: invalid_argument.
Status check_table_name(std::string_view name);
Status check_new_table(std::string_view name, const TableSpec& spec);

struct TableInfo {
  std::string name;
  TreeRoot root;
  TxnId created;
  std::string key_descriptor;
  std::string value_descriptor;
};

}  // namespace quire
