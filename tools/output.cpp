#include "tools/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "tools/shown.hpp"

namespace kvtool {
namespace {

constexpr std::size_t held_rows = 256;
constexpr std::string_view ellipsis = "...";

bool is_trail(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// In characters, not bytes, of UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_trail(c); }));
}

/// Not longer than a number of characters, cut with dots.
std::string shortened(std::string text, std::size_t width) {
  if (width == 0 || width_of(text) <= width) return text;
  const std::size_t kept = width > ellipsis.size() ? width - ellipsis.size() : 0;
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size(); ++at) {
    if (!is_trail(text[at]) && ++count > kept) break;
  }
  text.resize(at);
  return text.append(ellipsis);
}

std::string title_of(const Column& column) {
  if (!column.title.empty()) return column.title;
  std::string title = column.name;
  for (char& c : title) {
    c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return title;
}

std::string padded(const std::string& text, std::size_t width, const Column& column) {
  const std::size_t own = width_of(text);
  const std::string padding(own < width ? width - own : 0, ' ');
  return column.is_number ? padding + text : text + padding;
}

std::string_view without_trailing_spaces(std::string_view line) {
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

void write_lines(std::ostream& stream, const Json& object) {
  std::size_t width = 0;
  for (const auto& [name, value] : object.items()) width = std::max(width, name.size());
  for (const auto& [name, value] : object.items()) {
    std::string label = name + ":";
    std::replace(label.begin(), label.end(), '_', ' ');
    stream << fmt::format("{:<{}}  {}\n", label, width + 1, cell_text(value));
  }
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{}", bytes);
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return fmt::format("{} ({:.1f} {})", bytes, size, units[unit]);
}

void LineWriter::add(std::string_view json) {
  if (format_ == Format::json) *stream_ << (is_begun_ ? ",\n" : "[\n") << json;
  if (format_ == Format::ndjson) *stream_ << json << '\n';
  is_begun_ = true;
}

void LineWriter::finish() {
  if (format_ == Format::json) *stream_ << (is_begun_ ? "\n]\n" : "[]\n");
}

RecordWriter::RecordWriter(std::ostream& stream, Format format, std::vector<Column> columns)
    : stream_(&stream), format_(format), lines_(stream, format), columns_(std::move(columns)) {}

void RecordWriter::add(const Json& record) {
  if (format_ != Format::table) {
    lines_.add(to_text(record));
    return;
  }
  Row row = row_of(record);
  if (!widths_.empty()) {
    write_row(row);
    return;
  }
  held_.push_back(std::move(row));
  if (held_.size() == held_rows) release_rows();
}

void RecordWriter::begin_part(std::string_view heading) {
  if (format_ != Format::table) return;
  if (part_count_ != 0) {
    release_rows();
    *stream_ << '\n';
  }
  ++part_count_;
  widths_.clear();
  *stream_ << heading << '\n';
}

void RecordWriter::finish() {
  lines_.finish();
  if (format_ == Format::table) release_rows();
}

RecordWriter::Row RecordWriter::row_of(const Json& record) const {
  Row row;
  for (const Column& column : columns_) {
    const auto member = record.find(column.name);
    std::string text = member == record.end() ? "" : cell_text(*member);
    if (!column.is_number) text = shortened(std::move(text), width_limit_);
    row.push_back(std::move(text));
  }
  return row;
}

void RecordWriter::write_row(const Row& row) {
  std::string line;
  for (std::size_t index = 0; index < row.size(); ++index) {
    if (index != 0) line += "  ";
    line += padded(row[index], widths_[index], columns_[index]);
  }
  *stream_ << without_trailing_spaces(line) << '\n';
}

void RecordWriter::release_rows() {
  if (!widths_.empty() || held_.empty()) return;
  Row titles;
  for (std::size_t index = 0; index < columns_.size(); ++index) {
    titles.push_back(title_of(columns_[index]));
    std::size_t width = width_of(titles.back());
    for (const Row& row : held_) width = std::max(width, width_of(row[index]));
    widths_.push_back(width);
  }
  write_row(titles);
  for (const Row& row : std::exchange(held_, {})) write_row(row);
}

void write_object(std::ostream& stream, Format format, const Json& object) {
  switch (format) {
    case Format::table: write_lines(stream, object); return;
    case Format::json:
      stream << object.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
      return;
    case Format::ndjson: stream << to_text(object) << '\n'; return;
  }
}

}  // namespace kvtool
