// A database with tables of every kind, and all that is in one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quire/quire.hpp"

namespace kvtool::test {

/// A key of several fields.
struct Place {
  std::string city;
  std::optional<std::uint32_t> street;
  quire::Descending<std::int16_t> rank;
};
QUIRE_DESCRIBE(Place, city, street, rank)

/// Makes a file with a table for each kind of keys and values: ordinary ones, the borders of their
/// types, and bytes that are no values at all.
void make_sample_tables(const std::string& path);

/// The types of a table and the bytes of its entries.
struct TableContent {
  std::string key_descriptor;
  std::string value_descriptor;
  std::uint32_t alignment = 0;
  std::vector<std::pair<quire::ByteString, quire::ByteString>> entries;

  bool operator==(const TableContent&) const = default;
};
std::map<std::string, TableContent> content_of_file(const std::string& path);

}  // namespace kvtool::test
