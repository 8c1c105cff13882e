// Image: the bytes of a small database that has everything, and what may be read from them.
//
// The tests damage such bytes in every way and then ask whether an answer is still the old one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "quire/engine/database.hpp"
#include "quire/engine/file/memory_file.hpp"

namespace quire::test {

struct TableContent {
  std::string name;
  std::string key_descriptor;
  std::string value_descriptor;
  std::uint32_t alignment = 1;
  std::vector<std::pair<std::string, std::string>> entries;  // in key order
};
using Content = std::vector<TableContent>;  // in the order of names

/// Rows and general leaves under branches, runs, aligned values, an empty table, free and pending
/// pages. Page size 4096.
const Content& image_content();

/// A cleanly closed file with that content, without any slack behind its last page.
const std::vector<std::byte>& image();

/// The options of the tests here: nothing is ever created unless they say so.
Options options_for(FileSystem& files, Access access);

/// The bytes of a file; it must not be open for writing.
std::vector<std::byte> bytes_of(MemoryFileSystem& files, const std::string& path);

/// Reads everything in every way. Empty when all answers are those of the content or errors;
/// otherwise what is wrong. `answered` counts tables that were read to their end.
std::string wrong_answer(const Database& database, const Content& content, int& answered);

// Changing images as a hostile program would

/// Makes the checksum of a meta slot right again.
void seal_slot(MutableBytes file, std::uint32_t slot);

/// Makes the checksum of the page right again, that of a run by the length it claims.
void seal_again(MutableBytes file, PageNo page);

/// The state that an image names.
PageNo page_count_of(Bytes file);

}  // namespace quire::test
