#include "tools/dump_format.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "tools/byte_text.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

std::optional<std::string> text_member(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? std::nullopt : bytes_from_json(*member);
}

template <class Number>
std::optional<Number> number_member(const Json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_unsigned()) return {};
  const auto number = member->get<std::uint64_t>();
  if (number > std::numeric_limits<Number>::max()) return {};
  return static_cast<Number>(number);
}

std::optional<DumpedTable> table_from(const Json& json) {
  if (!json.is_object()) return {};
  auto name = text_member(json, "name");
  const auto alignment = number_member<std::uint32_t>(json, "alignment");
  auto key = text_member(json, "key");
  auto value = text_member(json, "value");
  const auto entries = number_member<std::uint64_t>(json, "entries");
  if (!name || !alignment || !key || !value || !entries) return {};
  return DumpedTable{.name = std::move(*name),
                     .spec = {.value_alignment = *alignment,
                              .key_descriptor = std::move(*key),
                              .value_descriptor = std::move(*value)},
                     .entries = *entries};
}

std::optional<std::vector<DumpedTable>> tables_from(const Json& header) {
  const auto member = header.find("tables");
  if (member == header.end() || !member->is_array()) return {};
  std::vector<DumpedTable> tables;
  for (const Json& json : *member) {
    auto table = table_from(json);
    if (!table) return {};
    tables.push_back(std::move(*table));
  }
  return tables;
}

std::optional<DumpEncoding> encoding_from(const Json& header) {
  const auto word = text_member(header, "encoding");
  for (const auto encoding : {DumpEncoding::typed, DumpEncoding::base64, DumpEncoding::hex})
    if (word == name_of(encoding)) return encoding;
  return {};
}

Json json_of(const DumpHeader& header) {
  Json tables = Json::array();
  for (const DumpedTable& table : header.tables) {
    tables.push_back({{"name", bytes_to_json(table.name)},
                      {"alignment", table.spec.value_alignment},
                      {"key", bytes_to_json(table.spec.key_descriptor)},
                      {"value", bytes_to_json(table.spec.value_descriptor)},
                      {"entries", table.entries}});
  }
  return {{"quire_dump", dump_version},
          {"encoding", name_of(header.encoding)},
          {"page_size", header.page_size},
          {"tables", std::move(tables)}};
}

/// What belongs to the line of a document and not to what is in it.
void strip(std::string& line) {
  while (!line.empty() && std::string_view(", \t\r").find(line.back()) != std::string_view::npos)
    line.pop_back();
}

}  // namespace

void DumpWriter::begin(const DumpHeader& header) {
  encoding_ = header.encoding;
  lines_.add(to_text(json_of(header)));
}

void DumpWriter::begin_table(const DumpedTable& table) {
  table_ = to_text(bytes_to_json(table.name));
  forms_.emplace(encoding_, table.spec);
}

bool DumpWriter::add(Bytes key, Bytes value) {
  lines_.add(fmt::format(R"({{"table":{},"key":{},"value":{}}})", table_, forms_->key.write(key),
                         forms_->value.write(value)));
  return stream_->good();
}

DumpReader::DumpReader(std::istream& stream, std::string name)
    : stream_(&stream), name_(std::move(name)) {}

Failure DumpReader::complain(ExitStatus status, std::string_view what) const {
  return trouble(status, fmt::format("line {} of {}: {}", line_, name_, what));
}

Outcome<std::optional<std::string>> DumpReader::read_text() {
  std::string line;
  if (std::getline(*stream_, line)) {
    ++line_;
    return line;
  }
  if (!stream_->bad()) return std::optional<std::string>();
  return trouble(ExitStatus::io_failed, "cannot read on in " + name_);
}

Outcome<std::optional<Json>> DumpReader::read_line() {
  auto text = read_text();
  if (!text) return pass_on(text);
  if (*text && line_ == 1) {
    strip(**text);
    is_document_ = **text == "[";
    if (is_document_) text = read_text();
    if (!text) return pass_on(text);
  }
  if (!*text) {
    if (!is_document_) return std::optional<Json>();
    return complain(ExitStatus::usage, "the dump ends here without its last ]: it is not complete");
  }
  if (is_document_) strip(**text);
  if (is_document_ && **text == "]") return read_end();
  auto json = parse_json(**text);
  if (json && json->is_object()) return json;
  return complain(ExitStatus::usage, "this is no JSON object, so no line of a kvtool dump");
}

Outcome<std::optional<Json>> DumpReader::read_end() {
  for (auto text = read_text();; text = read_text()) {
    if (!text) return pass_on(text);
    if (!*text) return std::optional<Json>();
    strip(**text);
    if (!(*text)->empty()) return complain(ExitStatus::usage, "something follows the last ]");
  }
}

Outcome<DumpHeader> DumpReader::read_header() {
  const auto line = read_line();
  if (!line) return pass_on(line);
  if (!*line) {
    return trouble(ExitStatus::usage, name_ + " is empty: a kvtool dump begins with a header");
  }
  const Json& json = **line;
  const auto version = number_member<std::uint32_t>(json, "quire_dump");
  if (!version) return complain(ExitStatus::usage, "this is not the header of a kvtool dump");
  if (*version != dump_version) {
    return complain(ExitStatus::foreign_file,
                    fmt::format("this dump is of version {}, and this kvtool reads version {}: "
                                "update it",
                                *version, dump_version));
  }
  const auto encoding = encoding_from(json);
  const auto page_size = number_member<std::uint32_t>(json, "page_size");
  auto tables = tables_from(json);
  if (!encoding || !page_size || !tables) {
    return complain(ExitStatus::usage,
                    "the header lacks an encoding, a page size or tables, or one of them makes no "
                    "sense");
  }
  header_ = {.encoding = *encoding, .page_size = *page_size, .tables = std::move(*tables)};
  counts_.assign(header_.tables.size(), 0);
  for (const DumpedTable& table : header_.tables) forms_.emplace_back(*encoding, table.spec);
  for (std::size_t index = 0; index < header_.tables.size(); ++index) {
    if (!table_indexes_.emplace(header_.tables[index].name, index).second) {
      return complain(ExitStatus::usage,
                      "the header names a table twice: " + in_quotes(header_.tables[index].name));
    }
  }
  return header_;
}

Outcome<std::optional<DumpedEntry>> DumpReader::next() {
  const auto line = read_line();
  if (!line) return pass_on(line);
  if (!*line) {
    if (auto checked = check_counts(); !checked) return pass_on(checked);
    return std::optional<DumpedEntry>();
  }
  const auto table = read_table(**line);
  if (!table) return pass_on(table);
  auto key = read_bytes(**line, *table, Side::key);
  if (!key) return pass_on(key);
  auto value = read_bytes(**line, *table, Side::value);
  if (!value) return pass_on(value);
  ++counts_[*table];
  return DumpedEntry{*table, std::move(*key), std::move(*value)};
}

Outcome<std::size_t> DumpReader::read_table(const Json& entry) {
  const auto name = text_member(entry, "table");
  if (!name) return complain(ExitStatus::usage, "an entry without a table");
  const auto found = table_indexes_.find(*name);
  if (found != table_indexes_.end()) return found->second;
  return complain(ExitStatus::usage,
                  "an entry of table " + in_quotes(*name) + ", which the header does not name");
}

Outcome<ByteString> DumpReader::read_bytes(const Json& entry, std::size_t table, Side side) const {
  const char* const member = side == Side::key ? "key" : "value";
  const auto about = [&](std::string_view what) {
    return fmt::format("table {}: the entry's {}: {}", in_quotes(header_.tables[table].name),
                       member, what);
  };
  const auto found = entry.find(member);
  if (found == entry.end()) return complain(ExitStatus::usage, about("it is missing"));
  const DumpedForms& forms = forms_[table];
  auto bytes = (side == Side::key ? forms.key : forms.value).read(*found);
  if (!bytes) return complain(bytes.error().status, about(bytes.error().message));
  return bytes;
}

Done DumpReader::check_counts() const {
  for (std::size_t index = 0; index < counts_.size(); ++index) {
    const DumpedTable& table = header_.tables[index];
    if (counts_[index] == table.entries) continue;
    return complain(ExitStatus::usage,
                    fmt::format("the dump ends here with {} entries of table {}, and its header "
                                "counts {}: it is not complete",
                                counts_[index], in_quotes(table.name), table.entries));
  }
  return {};
}

}  // namespace kvtool
