#include "tools/dump_format.hpp"

#include <fmt/format.h>

#include <utility>

#include "tools/byte_text.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

std::string encode(DumpEncoding encoding, Bytes bytes) {
  return encoding == DumpEncoding::hex ? to_hex(bytes) : to_base64(bytes);
}

std::optional<ByteString> decode(DumpEncoding encoding, std::string_view text) {
  return encoding == DumpEncoding::hex ? from_hex(text) : from_base64(text);
}

std::string_view name_of(DumpEncoding encoding) {
  return encoding == DumpEncoding::hex ? "hex" : "base64";
}

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
  if (word == "base64") return DumpEncoding::base64;
  if (word == "hex") return DumpEncoding::hex;
  return {};
}

}  // namespace

std::string header_line(const DumpHeader& header) {
  Json tables = Json::array();
  for (const DumpedTable& table : header.tables) {
    tables.push_back({{"name", bytes_to_json(table.name)},
                      {"alignment", table.spec.value_alignment},
                      {"key", bytes_to_json(table.spec.key_descriptor)},
                      {"value", bytes_to_json(table.spec.value_descriptor)},
                      {"entries", table.entries}});
  }
  return to_text({{"quire_dump", dump_version},
                  {"encoding", name_of(header.encoding)},
                  {"page_size", header.page_size},
                  {"tables", std::move(tables)}});
}

std::string entry_line(DumpEncoding encoding, std::string_view table, Bytes key, Bytes value) {
  return fmt::format(R"({{"table":{},"key":"{}","value":"{}"}})", to_text(bytes_to_json(table)),
                     encode(encoding, key), encode(encoding, value));
}

DumpReader::DumpReader(std::istream& stream, std::string name)
    : stream_(&stream), name_(std::move(name)) {}

Failure DumpReader::complain(ExitStatus status, std::string_view what) const {
  return trouble(status, fmt::format("line {} of {}: {}", line_, name_, what));
}

Outcome<std::optional<Json>> DumpReader::read_line() {
  std::string line;
  if (!std::getline(*stream_, line)) {
    if (!stream_->bad()) return std::optional<Json>();
    return trouble(ExitStatus::io_failed, "cannot read on in " + name_);
  }
  ++line_;
  auto json = parse_json(line);
  if (!json || !json->is_object()) {
    return complain(ExitStatus::usage, "this is no JSON object, so no line of a kvtool dump");
  }
  return json;
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
  for (const DumpedTable& table : header_.tables) {
    auto key = Notation::make(NotationKind::automatic, Side::key, table.spec.key_descriptor);
    if (!key) return pass_on(key);
    auto value = Notation::make(NotationKind::automatic, Side::value, table.spec.value_descriptor);
    if (!value) return pass_on(value);
    notations_.emplace_back(std::move(*key), std::move(*value));
  }
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
  auto key = read_bytes(**line, "key");
  if (!key) return pass_on(key);
  auto value = read_bytes(**line, "value");
  if (!value) return pass_on(value);
  if (auto checked = check_types(*table, *key, *value); !checked) return pass_on(checked);
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

Outcome<ByteString> DumpReader::read_bytes(const Json& entry, const char* member) const {
  const auto found = entry.find(member);
  if (found != entry.end() && found->is_string()) {
    auto bytes = decode(header_.encoding, found->get_ref<const std::string&>());
    if (bytes) return std::move(*bytes);
  }
  return complain(ExitStatus::usage, fmt::format("the entry's {} is missing or is no {}", member,
                                                 name_of(header_.encoding)));
}

Done DumpReader::check_types(std::size_t table, Bytes key, Bytes value) const {
  const auto& [of_keys, of_values] = notations_[table];
  auto checked = of_keys.check(key);
  if (checked) checked = of_values.check(value);
  if (checked) return {};
  return complain(
      checked.error().status,
      fmt::format("table {}: {}", in_quotes(header_.tables[table].name), checked.error().message));
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
