#include "quire/api/lmdb/snapshot.hpp"

#include "quire/api/lmdb/catalog.hpp"

namespace quire {

Result<std::optional<TableInfo>> LmdbSnapshot::table(std::string_view name) const {
  return find_lmdb_table(view_, name);
}

Result<std::vector<TableInfo>> LmdbSnapshot::tables() const { return list_lmdb_tables(view_); }

Result<std::optional<TreeRoot>> LmdbSnapshot::root(TableId id, std::string_view /*name*/) const {
  return find_lmdb_root(*view_, id);
}

Result<std::optional<Kept<LmdbKeeper>>> LmdbSnapshot::find(const TreeRoot& root, Bytes key) const {
  const auto stored = view_->get(root.table, key);
  if (!stored) return fail(stored);
  if (!*stored) return std::optional<Kept<LmdbKeeper>>();
  AlignedCopies copies;
  const Bytes bytes = copies.align(**stored, root.alignment());
  return Kept<LmdbKeeper>{.keeper = copies.keep(bytes, view_), .bytes = bytes};
}

}  // namespace quire
