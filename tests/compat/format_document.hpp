// FormatDocument: what docs/file-format.md says, as data that tests can compare with the code.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace quire::test {

/// One row of the table of a struct.
struct DocumentedField {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string name;
  std::string type;
  bool operator==(const DocumentedField&) const = default;
};

/// A row of any other table: its cells, without marks of code.
using TableRow = std::vector<std::string>;

/// Reads the Markdown once; tables are lines that begin with a bar. Not thread-safe.
class FormatDocument {
 public:
  /// Of the source tree that the environment variable QUIRE_SOURCE names.
  FormatDocument();

  /// The structs by name: each is a heading with nothing but a name in code marks.
  [[nodiscard]] const std::map<std::string, std::vector<DocumentedField>>& structs() const {
    return structs_;
  }
  /// The rows of the tables whose first column has this title, those that begin with it only.
  [[nodiscard]] std::vector<TableRow> rows_of(std::string_view first_title) const;

 private:
  void take_line(const std::string& line);
  void take_row(const TableRow& row);

  std::map<std::string, std::vector<DocumentedField>> structs_;
  std::vector<std::pair<std::string, TableRow>> rows_;  // with the title of their first column
  std::string heading_;                                 // of a struct; empty under any other
  std::string title_;                                   // first column of the table; empty outside
};

}  // namespace quire::test
