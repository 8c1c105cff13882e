// Output: records as a table for people, as one JSON array, or as one JSON object a line.
//
// Only data is written here; all else that kvtool has to say goes to the standard error.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tools/json.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

enum class Format : std::uint8_t { table, json, ndjson };

/// A member of every record. In a table its title stands over its column.
struct Column {
  std::string name;
  bool is_number = false;  ///< to the right
  std::string title = {};  ///< by default the name in capitals
};

/// Lines of JSON, or one document of them: an array with brackets on lines of their own. Not
/// thread-safe.
class LineWriter {
 public:
  /// Not for tables.
  LineWriter(std::ostream& stream, Format format) : stream_(&stream), format_(format) {}

  /// One value of JSON, without a line's end.
  void add(std::string_view json);
  /// To be called once.
  void finish();

 private:
  std::ostream* stream_;
  Format format_;
  bool is_begun_ = false;
};

/// Writes records one by one, however many. The widths of a table's columns follow from its first
/// records, which are held back for that. Not thread-safe.
class RecordWriter {
 public:
  /// Members of the records that no column names are shown in JSON only.
  RecordWriter(std::ostream& stream, Format format, std::vector<Column> columns);

  /// In a table no cell is longer than this, except for numbers; 0: no limit.
  void limit_width(std::size_t width) { width_limit_ = width; }

  void add(const Json& record);

  /// Begins a new table under a heading; nothing in JSON.
  void begin_part(std::string_view heading);

  /// Writes what is held back and the end. To be called once.
  void finish();

 private:
  using Row = std::vector<std::string>;

  [[nodiscard]] Row row_of(const Json& record) const;
  void write_row(const Row& row);
  void release_rows();

  std::ostream* stream_;
  Format format_;
  LineWriter lines_;
  std::vector<Column> columns_;
  std::size_t width_limit_ = 0;
  std::vector<Row> held_;
  std::vector<std::size_t> widths_;  ///< empty: not known yet
  std::size_t part_count_ = 0;
};

/// One object: as lines of names and values, or as JSON.
void write_object(std::ostream& stream, Format format, const Json& object);

/// "4096 (4.0 KiB)"; below 1 KiB only the number.
std::string size_text(std::uint64_t bytes);

}  // namespace kvtool
