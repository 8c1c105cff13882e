#include "tools/open.hpp"

#include <fmt/format.h>

#include <utility>

#include "tools/shown.hpp"

namespace kvtool {
namespace {

/// The library's message would send people to `kvtool check`, which cannot open the file either.
Failure too_damaged(const Request& request, const quire::Error& error) {
  std::string place;
  if (error.page() != quire::no_page) place = fmt::format(" (page {})", error.page().value);
  return trouble(ExitStatus::corruption,
                 fmt::format("{} is too damaged to be opened: {}{}; nothing was changed; restore a "
                             "backup",
                             request.path, error.detail(), place));
}

Outcome<quire::Storage> open(const Request& request, const quire::StorageBuilder& builder) {
  auto storage = builder.build();
  if (storage) return std::move(*storage);
  const quire::Error& error = storage.error();
  if (error.code() == quire::ErrorCode::corrupt) return too_damaged(request, error);
  if (error.detail().find(request.path) == std::string_view::npos) {
    return trouble("cannot open " + request.path, error);
  }
  return trouble(status_of(error.code()), error.message());
}

std::string names_of(const std::vector<quire::TableInfo>& tables) {
  std::string names;
  for (const auto& table : tables) names += (names.empty() ? "" : ", ") + in_quotes(table.name);
  return names;
}

Failure no_such_table(const std::vector<quire::TableInfo>& tables, const Request& request) {
  if (tables.empty()) {
    return trouble(
        ExitStatus::different,
        fmt::format("{} has no tables: programs and `kvtool load` make them", request.path));
  }
  return trouble(ExitStatus::different, fmt::format("{} has no table {}; it has {}", request.path,
                                                    in_quotes(*request.table), names_of(tables)));
}

Outcome<quire::TableInfo> choose(std::vector<quire::TableInfo> tables, const Request& request) {
  if (tables.empty()) return no_such_table(tables, request);
  if (!request.table) {
    if (tables.size() == 1) return std::move(tables.front());
    return trouble(ExitStatus::usage,
                   fmt::format("{} has several tables: choose one with --table: {}", request.path,
                               names_of(tables)));
  }
  for (auto& table : tables) {
    if (table.name == *request.table) return std::move(table);
  }
  return no_such_table(tables, request);
}

Outcome<OpenTable> open_table(const quire::Storage& storage, quire::TableInfo info,
                              const Request& request) {
  const auto table = storage.open_raw_table(info.name);
  if (!table) return trouble("cannot open table " + in_quotes(info.name), table.error());
  auto key = Notation::make(request.key_notation, Side::key, info.key_descriptor);
  if (!key) return pass_on(key);
  auto value = Notation::make(request.value_notation, Side::value, info.value_descriptor);
  if (!value) return pass_on(value);
  return OpenTable{std::move(info), *table, std::move(*key), std::move(*value)};
}

}  // namespace

Outcome<quire::Storage> open_for_reading(const Request& request) {
  return open(request, quire::StorageBuilder(request.path).with_access(quire::Access::read_only));
}

Outcome<quire::Storage> open_for_writing(const Request& request) {
  return open(request, quire::StorageBuilder(request.path).with_create(quire::Create::never));
}

Outcome<std::vector<quire::TableInfo>> list_tables(const quire::Storage& storage) {
  auto tables = storage.tables();
  if (!tables) return trouble("cannot list the tables of " + storage.path(), tables.error());
  return std::move(*tables);
}

Outcome<OpenTable> open_table(const quire::Storage& storage, const Request& request) {
  auto tables = list_tables(storage);
  if (!tables) return pass_on(tables);
  auto chosen = choose(std::move(*tables), request);
  if (!chosen) return pass_on(chosen);
  return open_table(storage, std::move(*chosen), request);
}

Outcome<std::vector<OpenTable>> open_tables(const quire::Storage& storage, const Request& request) {
  std::vector<OpenTable> opened;
  if (request.table) {
    auto table = open_table(storage, request);
    if (!table) return pass_on(table);
    opened.push_back(std::move(*table));
    return opened;
  }
  auto tables = list_tables(storage);
  if (!tables) return pass_on(tables);
  for (auto& info : *tables) {
    auto table = open_table(storage, std::move(info), request);
    if (!table) return pass_on(table);
    opened.push_back(std::move(*table));
  }
  return opened;
}

}  // namespace kvtool
