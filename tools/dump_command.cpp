// The command dump: writes all tables of one state of a database as lines of JSON.

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "tools/commands.hpp"
#include "tools/dump_format.hpp"
#include "tools/open.hpp"
#include "tools/progress.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

/// The header for one state. Entry counts and entries are those of the same snapshot.
Outcome<DumpHeader> describe(const quire::Storage& storage, const quire::StorageSnapshot& snapshot,
                             DumpEncoding encoding) {
  const auto tables = snapshot.tables();
  if (!tables) return trouble("cannot list the tables of " + storage.path(), tables.error());
  DumpHeader header{.encoding = encoding, .page_size = storage.options().page_size, .tables = {}};
  for (const auto& table : *tables) {
    header.tables.push_back({.name = table.name,
                             .spec = {.value_alignment = table.root.alignment(),
                                      .key_descriptor = table.key_descriptor,
                                      .value_descriptor = table.value_descriptor},
                             .entries = table.root.entries});
  }
  return header;
}

Done dump_table(const quire::Storage& storage, const quire::StorageSnapshot& snapshot,
                const DumpedTable& dumped, DumpWriter& writer, Progress& progress) {
  const std::string& name = dumped.name;
  const auto table = storage.open_raw_table(name);
  if (!table) return trouble("cannot open table " + in_quotes(name), table.error());
  auto range = snapshot.table(*table).range();
  for (;;) {
    const auto entry = range.next();
    if (!entry) return trouble("cannot read on in table " + in_quotes(name), entry.error());
    if (*entry == nullptr) return {};
    if (!writer.add((*entry)->key, *(*entry)->value)) {
      return trouble(ExitStatus::io_failed,
                     "cannot write the dump, and what there is of it is not complete: see whether "
                     "the disk is full");
    }
    progress.count_one();
  }
}

Outcome<ExitStatus> dump(const Request& request, std::ostream& data) {
  const auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  const auto snapshot = storage->snapshot();
  if (!snapshot) return trouble("cannot read " + request.path, snapshot.error());
  const auto header = describe(*storage, *snapshot, request.encoding);
  if (!header) return pass_on(header);
  DumpWriter writer(data, request.format == Format::json ? Format::json : Format::ndjson);
  writer.begin(*header);
  Progress progress("dumped");
  for (const DumpedTable& table : header->tables) {
    writer.begin_table(table);
    auto dumped = dump_table(*storage, *snapshot, table, writer, progress);
    if (!dumped) return pass_on(dumped);
  }
  writer.finish();
  return ExitStatus::ok;
}

/// Makes the dump's file, which must not be there yet: it might be the database itself.
Outcome<ExitStatus> dump_to_file(const Request& request, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::noreplace);
  if (!file) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      return trouble(ExitStatus::io_failed,
                     "the file " + path + " is there already: choose a name that is not taken");
    }
    return trouble(
        ExitStatus::io_failed,
        "cannot make the file " + path + ": see whether its folder is there and may be written to");
  }
  auto dumped = dump(request, file);
  file.close();
  if (dumped && !file) {
    dumped = trouble(ExitStatus::io_failed,
                     "cannot write all of " + path + ": see whether the disk is full");
  }
  if (dumped) return dumped;
  static_cast<void>(std::remove(path.c_str()));
  return trouble(dumped.error().status, dumped.error().message + "; the file was removed again");
}

}  // namespace

Outcome<ExitStatus> run_dump(const Request& request, std::ostream& data) {
  return request.dump_file ? dump_to_file(request, *request.dump_file) : dump(request, data);
}

}  // namespace kvtool
