// The commands about entries: get, put, del, scan.

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "tools/byte_text.hpp"
#include "tools/commands.hpp"
#include "tools/open.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

Json describe_entry(const OpenTable& table, Bytes key, Bytes value) {
  return {{"table", bytes_to_json(table.info.name)},
          {"key", table.key.show(key)},
          {"value", table.value.show(value)}};
}

/// Trouble with an argument, which the message names.
template <class T>
Failure about(std::string_view argument, const Outcome<T>& failed) {
  return trouble(failed.error().status, std::string(argument) + ": " + failed.error().message);
}

Outcome<ByteString> read_key(const OpenTable& table, const std::string& text) {
  auto key = table.key.read(text);
  if (!key) return about("key", key);
  return key;
}

Failure no_entry(const Request& request, const OpenTable& table) {
  const std::string key = table.key.is_redacted() ? "that is given" : printable(request.key);
  return trouble(ExitStatus::different, fmt::format("table {} of {} has no entry under the key {}",
                                                    in_quotes(table.info.name), request.path, key));
}

// ---- put

Outcome<std::string> read_all(std::istream& stream, const std::string& name) {
  std::string content(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) return trouble(ExitStatus::io_failed, "cannot read " + name);
  return content;
}

Outcome<std::string> read_value_file(const std::string& path) {
  if (path == "-") return read_all(std::cin, "the standard input");
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return trouble(ExitStatus::io_failed, "cannot open the value file " + path +
                                              ": see whether it exists and may be read");
  }
  return read_all(file, path);
}

Outcome<ByteString> read_value(const OpenTable& table, const Request& request) {
  if (request.value) return table.value.read(*request.value);
  if (!request.value_file && table.value.is_empty()) return ByteString();
  const auto content = read_value_file(request.value_file.value_or("-"));
  if (!content) return pass_on(content);
  return table.value.read_file_content(*content);
}

// ---- scan

/// The stored forms of what the request bounds the scan by.
struct Bounds {
  std::optional<ByteString> from;
  std::optional<ByteString> to;
  std::optional<ByteString> prefix;
};

Outcome<Bounds> read_bounds(const OpenTable& table, const Request& request) {
  Bounds bounds;
  if (request.prefix) {
    auto prefix = table.key.read_prefix(*request.prefix);
    if (!prefix) return about("--prefix", prefix);
    bounds.prefix = std::move(*prefix);
  }
  if (request.from) {
    auto from = table.key.read(*request.from);
    if (!from) return about("--from", from);
    bounds.from = std::move(*from);
  }
  if (request.to) {
    auto to = table.key.read(*request.to);
    if (!to) return about("--to", to);
    bounds.to = std::move(*to);
  }
  return bounds;
}

auto range_of(const auto& table, const Bounds& bounds) {
  if (bounds.prefix) return table.prefix(Bytes(*bounds.prefix));
  if (bounds.to) return table.range(bounds.from ? Bytes(*bounds.from) : Bytes(), *bounds.to);
  if (bounds.from) return table.range_from(*bounds.from);
  return table.range();
}

Done scan(const OpenTable& table, const quire::StorageSnapshot& snapshot, const Request& request,
          RecordWriter& writer) {
  const auto bounds = read_bounds(table, request);
  if (!bounds) return pass_on(bounds);
  auto range = range_of(snapshot.table(table.table), *bounds);
  if (request.is_reverse) range = std::move(range).reversed();
  const std::uint64_t limit = request.limit.value_or(~std::uint64_t{0});
  for (std::uint64_t count = 0; count < limit; ++count) {
    const auto entry = range.next();
    if (!entry) return trouble("cannot read on in " + in_quotes(table.info.name), entry.error());
    if (*entry == nullptr) break;
    writer.add(describe_entry(table, (*entry)->key, *(*entry)->value));
  }
  return {};
}

std::string heading_of(const OpenTable& table) {
  const std::uint64_t count = table.info.root.entries;
  return fmt::format("{}: {} {}, key {}, value {}", printable(table.info.name), count,
                     count == 1 ? "entry" : "entries", brief_descriptor(table.info.key_descriptor),
                     brief_descriptor(table.info.value_descriptor));
}

/// Bounds are keys of one table, and which one must be clear.
Outcome<std::vector<OpenTable>> tables_to_scan(const quire::Storage& storage,
                                               const Request& request) {
  if (!request.from && !request.to && !request.prefix) return open_tables(storage, request);
  auto table = open_table(storage, request);
  if (!table) return pass_on(table);
  std::vector<OpenTable> tables;
  tables.push_back(std::move(*table));
  return tables;
}

}  // namespace

Outcome<ExitStatus> run_get(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  const auto table = open_table(*storage, request);
  if (!table) return pass_on(table);
  const auto key = read_key(*table, request.key);
  if (!key) return pass_on(key);
  const auto found = table->table.get(*key);
  if (!found) return trouble("cannot read " + request.path, found.error());
  if (!*found) return no_entry(request, *table);
  const Json entry = describe_entry(*table, *key, ***found);
  data << (request.format == Format::table ? cell_text(entry["value"]) : to_text(entry)) << '\n';
  return ExitStatus::ok;
}

Outcome<ExitStatus> run_put(const Request& request, std::ostream&) {
  auto storage = open_for_writing(request);
  if (!storage) return pass_on(storage);
  auto table = open_table(*storage, request);
  if (!table) return pass_on(table);
  const auto key = read_key(*table, request.key);
  if (!key) return pass_on(key);
  if (auto checked = table->key.check(*key); !checked) return about("key", checked);
  const auto value = read_value(*table, request);
  if (!value) return about("value", value);
  if (auto checked = table->value.check(*value); !checked) return about("value", checked);
  if (auto put = table->table.put(*key, *value); !put) {
    return trouble("cannot store in " + request.path, put.error());
  }
  return ExitStatus::ok;
}

Outcome<ExitStatus> run_del(const Request& request, std::ostream&) {
  auto storage = open_for_writing(request);
  if (!storage) return pass_on(storage);
  auto table = open_table(*storage, request);
  if (!table) return pass_on(table);
  const auto key = read_key(*table, request.key);
  if (!key) return pass_on(key);
  const auto erased = table->table.erase(*key);
  if (!erased) return trouble("cannot remove from " + request.path, erased.error());
  if (!*erased) return no_entry(request, *table);
  return ExitStatus::ok;
}

Outcome<ExitStatus> run_scan(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  const auto tables = tables_to_scan(*storage, request);
  if (!tables) return pass_on(tables);
  const auto snapshot = storage->snapshot();
  if (!snapshot) return trouble("cannot read " + request.path, snapshot.error());
  RecordWriter writer(data, request.format, {{.name = "key"}, {.name = "value"}});
  writer.limit_width(request.width);
  for (const OpenTable& table : *tables) {
    if (tables->size() > 1) writer.begin_part(heading_of(table));
    if (auto scanned = scan(table, *snapshot, request, writer); !scanned) return pass_on(scanned);
  }
  writer.finish();
  return ExitStatus::ok;
}

}  // namespace kvtool
