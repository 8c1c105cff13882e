// GoldenContent: what the golden files hold, and how one is made.
//
// The content has everything that the format has: rows and general leaves, pure branches and
// others, a value in a run, aligned values, an empty table, one that was dropped, free and pending
// pages, records behind a checkpoint. It never changes; what a later version adds goes into a
// golden file of its own.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "documented_file.hpp"
#include "quire/engine/database.hpp"

namespace quire::test {

inline constexpr std::uint32_t golden_page_size = 4096;

/// The tables in the golden file of a version.
DocumentedTables golden_tables(int version);

/// What a database holds, by reading it in the ordinary way.
DocumentedTables tables_of(const Database& database);

/// Where a golden file lies, by its name without "quire".
std::string golden_path(const std::string& name);
/// What is in it.
std::vector<std::byte> golden_bytes(const std::string& name);
/// Writes the file that the environment variable of this name names, if there is such.
void write_if_asked(const char* variable, const std::vector<std::byte>& content);

/// Writes the content with today's code. The same bytes each time.
std::vector<std::byte> make_golden_file();

}  // namespace quire::test
