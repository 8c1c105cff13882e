#include "format_document.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace quire::test {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" `");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" `") - first + 1));
}

TableRow cells_of(std::string_view line) {
  TableRow cells;
  for (line.remove_prefix(1); !line.empty();) {
    const std::size_t bar = line.find('|');
    if (bar == std::string_view::npos) break;
    cells.push_back(trimmed(line.substr(0, bar)));
    line.remove_prefix(bar + 1);
  }
  return cells;
}

bool is_rule(const TableRow& row) {
  return !row.empty() && row.front().find_first_not_of("-:") == std::string::npos &&
         !row.front().empty();
}

}  // namespace

FormatDocument::FormatDocument() {
  const char* source = std::getenv("QUIRE_SOURCE");
  const std::string path = std::string(source == nullptr ? "." : source) + "/docs/file-format.md";
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path + "; is QUIRE_SOURCE set?");
  for (std::string line; std::getline(file, line);) take_line(line);
}

void FormatDocument::take_line(const std::string& line) {
  if (line.starts_with("|")) {
    take_row(cells_of(line));
    return;
  }
  title_.clear();
  if (!line.starts_with("#")) return;
  heading_ = line.starts_with("### `") ? trimmed(line.substr(4)) : std::string();
}

void FormatDocument::take_row(const TableRow& row) {
  if (is_rule(row) || row.empty()) return;
  if (title_.empty()) {
    title_ = row.front().empty() ? "(none)" : row.front();
    return;
  }
  rows_.emplace_back(title_, row);
  if (title_ != "offset") return;
  structs_[heading_].push_back(
      {std::stoul(row.at(0)), std::stoul(row.at(1)), row.at(2), row.at(3)});
}

std::vector<TableRow> FormatDocument::rows_of(std::string_view first_title) const {
  std::vector<TableRow> found;
  for (const auto& [title, row] : rows_)
    if (title == first_title) found.push_back(row);
  return found;
}

}  // namespace quire::test
