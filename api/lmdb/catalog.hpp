// The catalog of a storage over LMDB: which tables there are.
//
// It is the table of id 0. Under the empty key it has the header, which says that the file is ours;
// under 'd' and a table's id what the table is, and under 'n' and the id how many entries it has.
// That is apart because it changes with each commit. Names are looked for by reading all of them:
// tables are few and are opened seldom.
//
// A table's id is its number, times eight, and the logarithm of its values' alignment, so that a
// value can be aligned before anything is read of the catalog.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "quire/api/lmdb/view.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// The alignment that a table's values have.
[[nodiscard]] constexpr std::uint8_t lmdb_alignment_log2(TableId id) { return id.value % 8; }

/// Whether the file has tables of ours, if only none yet. format_too_new.
Result<bool> has_lmdb_header(const LmdbView& view);
/// Makes an empty file ours, unless another process did.
Status write_lmdb_header(LmdbEnvironment& environment);

/// The table's count and alignment; nothing when there is none of that id.
Result<std::optional<TreeRoot>> find_lmdb_root(const LmdbView& view, TableId id);
/// By name; nothing when there is none.
Result<std::optional<TableInfo>> find_lmdb_table(const std::shared_ptr<LmdbView>& view,
                                                 std::string_view name);
/// All, by name.
Result<std::vector<TableInfo>> list_lmdb_tables(const std::shared_ptr<LmdbView>& view);

// For the writer, who has looked whether it may be done.

/// full: no ids are left.
Result<TableId> add_lmdb_table(LmdbView& view, std::string_view name, const TableSpec& spec);
/// Writes what info says, but for the count.
Status describe_lmdb_table(LmdbView& view, const TableInfo& info);
Status remove_lmdb_table(LmdbView& view, TableId id);
Status count_lmdb_table(LmdbView& view, TableId id, std::uint64_t entries);

}  // namespace quire
