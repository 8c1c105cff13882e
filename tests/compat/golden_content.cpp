#include "golden_content.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/crash_disk.hpp"

namespace quire::test {
namespace {

using Entries = std::map<std::string, std::string>;

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(value >> shift & 0xff));
  return bytes;
}

std::string little_endian(std::uint64_t value) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8)
    bytes.push_back(static_cast<char>(value >> shift & 0xff));
  return bytes;
}

/// Bytes that look like nothing in particular, the same for ever.
std::string noise(std::uint32_t seed, std::size_t size) {
  std::string bytes;
  std::uint32_t state = seed * 2654435761U + 1;
  while (bytes.size() < size) {
    state = state * 1664525U + 1013904223U;
    bytes.push_back(static_cast<char>(state >> 24));
  }
  return bytes;
}

/// Rows, under a branch.
Entries numbers() {
  Entries entries;
  for (std::uint32_t i = 0; i < 700; ++i)
    if (i % 7 != 3) entries[big_endian(3 * i)] = little_endian(std::uint64_t{i} * i + 7);
  return entries;
}

/// Entries of many lengths, under a branch whose separators are longer than heads.
Entries towns() {
  Entries entries{{"", "no name"}, {"a", "one byte"}, {std::string("a\0", 2), "two bytes"}};
  for (std::uint32_t i = 0; i < 120; ++i) {
    const std::string region = "province of the " + std::to_string(i % 3) + "th degree/";
    entries[region + "town " + std::to_string(1000 + i * 7919 % 1009)] = noise(i, i % 61);
  }
  entries[std::string(1024, 'z')] = "";
  return entries;
}

/// Aligned values, one of them in a run.
Entries pictures() {
  return {{"empty", ""},
          {"large", noise(1, 9000)},
          {"largest inline", noise(2, 1024 - 14)},
          {"smallest run", noise(3, 1024 - 11)},
          {"odd", noise(4, 33)},
          {"plain", noise(5, 64)}};
}

/// Keys without values.
Entries tags() {
  Entries entries;
  for (std::uint32_t i = 0; i < 40; ++i)
    entries["tag" + std::to_string(i % 5) + std::string(2, '\0') + big_endian(i)] = "";
  return entries;
}

/// One whose id is too large for the slot to tell where its tree is.
DocumentedTable far_table() { return {"string", "text", 1, {{"far", "away"}}}; }

/// Works on a database as the golden file's program did.
class Program {
 public:
  Program() : database_(Database::open("golden", options(false)).value()) {}

  void reopen(bool log_in_slots) {
    database_.close().value();
    database_ = Database::open("golden", options(log_in_slots)).value();
  }

  void create(const DocumentedTables& tables) {
    auto txn = database_.begin_write().value();
    for (const auto& [name, table] : tables) {
      const TableSpec spec{static_cast<std::uint32_t>(table.alignment), table.key_descriptor,
                           table.value_descriptor};
      ids_[name] = txn.create_table(name, spec).value();
    }
    std::move(txn).commit().value();
  }

  /// Makes eleven tables, which go again.
  void take_ids() {
    auto txn = database_.begin_write().value();
    for (int count = 0; count < 11; ++count) {
      txn.create_table("passing", {}).value();
      txn.drop_table("passing").value();
    }
    std::move(txn).commit().value();
  }

  void put(const std::string& table, const Entries& entries) {
    auto txn = database_.begin_write().value();
    for (const auto& [key, value] : entries)
      txn.put(ids_.at(table), table, as_bytes(key), as_bytes(value)).value();
    std::move(txn).commit().value();
  }

  void erase(const std::string& table, const Entries& entries) {
    auto txn = database_.begin_write().value();
    for (const auto& [key, value] : entries)
      txn.erase(ids_.at(table), table, as_bytes(key)).value();
    std::move(txn).commit().value();
  }

  void drop(const std::string& table) {
    auto txn = database_.begin_write().value();
    txn.drop_table(table).value();
    std::move(txn).commit().value();
  }

  std::vector<std::byte> close() {
    database_.close().value();
    const auto file = disk_.open("golden", Access::read_only).value();
    const Bytes content = file->map(file->size().value()).value().first(file->size().value());
    return {content.begin(), content.end()};
  }

 private:
  Options options(bool log_in_slots) {
    Options options;
    options.page_size = golden_page_size;
    options.checkpoint_after = log_in_slots ? 64 : 5;
    options.log_in_slots = log_in_slots;
    options.file_system = &disk_;
    return options;
  }

  CrashDisk disk_;
  Database database_;
  std::map<std::string, TableId> ids_;
};

Entries every_seventh_number() {
  Entries entries;
  for (std::uint32_t i = 3; i < 700; i += 7) entries[big_endian(3 * i)] = little_endian(i);
  return entries;
}

}  // namespace

DocumentedTables golden_tables(int version) {
  DocumentedTables tables{{"numbers", {"u32", "plain(u64)", 8, numbers()}},
                          {"towns", {"string", "text", 1, towns()}},
                          {"pictures", {"string", "raw(align=16)", 16, pictures()}},
                          {"tags", {"tuple(string,u32)", "empty", 1, tags()}},
                          {"nothing yet", {"bool", "plain(bool)", 1, {}}}};
  if (version > 1) tables["far"] = far_table();
  return tables;
}

std::string golden_path(const std::string& name) {
  const char* source = std::getenv("QUIRE_SOURCE");
  return std::string(source == nullptr ? "." : source) + "/tests/compat/golden/" + name + ".quire";
}

std::vector<std::byte> golden_bytes(const std::string& name) {
  std::ifstream file(golden_path(name), std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const Bytes bytes = as_bytes(content);
  return {bytes.begin(), bytes.end()};
}

void write_if_asked(const char* variable, const std::vector<std::byte>& content) {
  const char* path = std::getenv(variable);
  if (path == nullptr) return;
  std::ofstream(path, std::ios::binary) << as_text(content);
}

std::vector<std::byte> make_golden_file() {
  const DocumentedTables tables = golden_tables(1);
  Program program;
  program.create({{"dropped", {"bytes", "raw", 1, {}}}});
  program.put("dropped", {{"key", noise(6, 5000)}, {"other key", "value"}});
  program.create(tables);
  program.put("numbers", every_seventh_number());
  program.put("towns", tables.at("towns").entries);
  program.put("pictures", {{"large", noise(7, 20000)}, {"gone", noise(8, 3000)}});
  program.put("numbers", tables.at("numbers").entries);
  program.drop("dropped");
  program.put("pictures", tables.at("pictures").entries);
  program.erase("numbers", every_seventh_number());
  program.erase("pictures", {{"gone", ""}});
  program.put("tags", tables.at("tags").entries);
  program.take_ids();
  program.create({{"far", far_table()}});
  program.reopen(true);
  for (int count = 0; count < 100; ++count) program.put("far", {{"far", "nearer"}});
  program.put("far", far_table().entries);
  return program.close();
}

DocumentedTables tables_of(const Database& database) {
  const Snapshot snapshot = database.snapshot().value();
  const std::vector<TableInfo> infos = snapshot.tables().value();
  DocumentedTables tables;
  for (const TableInfo& info : infos) {
    DocumentedTable table{info.key_descriptor, info.value_descriptor, info.root.alignment(), {}};
    Cursor cursor = snapshot.cursor(info.root);
    for (bool at = cursor.seek_first().value(); at; at = cursor.next().value())
      table.entries[std::string(as_text(cursor.key()))] = as_text(cursor.value().value());
    tables[info.name] = std::move(table);
  }
  return tables;
}

}  // namespace quire::test
