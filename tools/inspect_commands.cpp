// The commands that say what a database is, holds and is made of: info, tables, stats, check.

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <utility>

#include "tools/byte_text.hpp"
#include "tools/commands.hpp"
#include "tools/open.hpp"
#include "tools/progress.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

std::uint64_t entries_of(const std::vector<quire::TableInfo>& tables) {
  std::uint64_t entries = 0;
  for (const auto& table : tables) entries += table.root.entries;
  return entries;
}

/// A descriptor: all of it in JSON, in a table what people read.
Json descriptor_json(Format format, std::string_view descriptor) {
  return format == Format::table ? Json(brief_descriptor(descriptor)) : bytes_to_json(descriptor);
}

/// A size: a number in JSON, easier to read in a table.
Json size_json(Format format, std::uint64_t bytes) {
  return format == Format::table ? Json(size_text(bytes)) : Json(bytes);
}

Outcome<quire::Statistics> statistics_of(const quire::Storage& storage) {
  auto statistics = storage.statistics();
  if (!statistics) return trouble("cannot examine " + storage.path(), statistics.error());
  return *statistics;
}

Json describe_space(Format format, const quire::Statistics& statistics) {
  return {{"file_size", size_json(format, statistics.file_size)},
          {"page_size", statistics.page_size},
          {"page_count", statistics.page_count},
          {"free_pages", statistics.free_pages},
          {"free_extents", statistics.free_extents},
          {"pending_pages", statistics.pending_pages},
          {"log_pages", statistics.log_pages}};
}

double percent(std::uint64_t part, std::uint64_t rest) {
  if (part + rest == 0) return 0;
  return 100 * static_cast<double>(part) / static_cast<double>(part + rest);
}

Json describe_tree(const std::string& name, const quire::TableStatistics& tree) {
  const double fill = percent(tree.used_bytes, tree.free_bytes);
  return {{"table", bytes_to_json(name)},
          {"entries", tree.entries},
          {"height", tree.height},
          {"branch_pages", tree.branch_pages},
          {"leaf_pages", tree.leaf_pages},
          {"rows_pages", tree.rows_pages},
          {"overflow_pages", tree.overflow_pages},
          {"used_bytes", tree.used_bytes},
          {"free_bytes", tree.free_bytes},
          {"fill_percent", std::round(fill * 10) / 10}};
}

std::vector<Column> tree_columns() {
  return {{.name = "table"},
          {.name = "entries", .is_number = true},
          {.name = "height", .is_number = true},
          {.name = "branch_pages", .is_number = true, .title = "BRANCHES"},
          {.name = "leaf_pages", .is_number = true, .title = "LEAVES"},
          {.name = "rows_pages", .is_number = true, .title = "OF ROWS"},
          {.name = "overflow_pages", .is_number = true, .title = "OVERFLOW"},
          {.name = "fill_percent", .is_number = true, .title = "FILL %"}};
}

Outcome<Json> describe_trees(const quire::Storage& storage) {
  const auto tables = list_tables(storage);
  if (!tables) return pass_on(tables);
  Json trees = Json::array();
  for (const auto& table : *tables) {
    const auto tree = storage.statistics(table.name);
    if (!tree) return trouble("cannot walk table " + in_quotes(table.name), tree.error());
    trees.push_back(describe_tree(table.name, *tree));
  }
  return trees;
}

using TableNames = std::map<std::uint32_t, std::string>;

/// As far as a damaged file still tells them.
TableNames names_of_tables(const quire::Storage& storage) {
  TableNames names;
  const auto tables = list_tables(storage);
  if (!tables) return names;
  for (const auto& table : *tables) names.emplace(table.root.table.value, table.name);
  return names;
}

Json describe_finding(const TableNames& names, const quire::Finding& finding) {
  const auto name = names.find(finding.table.value);
  const bool is_minor = finding.severity == quire::Finding::Severity::minor;
  Json json;
  json["severity"] = is_minor ? "minor" : "corruption";
  json["page"] = finding.page == quire::no_page ? Json() : Json(finding.page.value);
  json["table"] = name == names.end() ? Json() : bytes_to_json(name->second);
  json["table_id"] = finding.table == quire::catalog_table ? Json() : Json(finding.table.value);
  json["text"] = finding.text;
  return json;
}

std::string_view verdict_of(const quire::CheckReport& report) {
  if (report.is_clean()) return "clean";
  return report.has_corruption() ? "corruption" : "minor defects";
}

Json describe_report(const std::string& path, const quire::CheckReport& report) {
  return {{"path", bytes_to_json(path)},
          {"verdict", verdict_of(report)},
          {"finding_count", report.finding_count},
          {"tables", report.tables},
          {"entries", report.entries},
          {"tree_pages", report.tree_pages},
          {"overflow_pages", report.overflow_pages},
          {"log_pages", report.log_pages},
          {"redo_pages", report.redo_pages},
          {"free_pages", report.free_pages}};
}

void write_report(std::ostream& data, Format format, Json object, const TableNames& names,
                  const quire::CheckReport& report) {
  Json findings = Json::array();
  for (const auto& finding : report.findings) findings.push_back(describe_finding(names, finding));
  if (format != Format::table) {
    object["findings"] = std::move(findings);
    write_object(data, format, object);
    return;
  }
  write_object(data, format, object);
  if (findings.empty()) return;
  data << '\n';
  RecordWriter writer(data, format,
                      {{.name = "severity"},
                       {.name = "page", .is_number = true},
                       {.name = "table"},
                       {.name = "text"}});
  for (const auto& finding : findings) writer.add(finding);
  writer.finish();
}

}  // namespace

Outcome<ExitStatus> run_info(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  const auto statistics = statistics_of(*storage);
  if (!statistics) return pass_on(statistics);
  const auto tables = list_tables(*storage);
  if (!tables) return pass_on(tables);
  Json facts{{"path", bytes_to_json(request.path)},
             {"format_version", statistics->format_version},
             {"file_id", to_hex(std::as_bytes(std::span(statistics->file_id)))},
             {"txn", statistics->published.value},
             {"durable_txn", statistics->durable.value},
             {"tables", tables->size()},
             {"entries", entries_of(*tables)}};
  facts.update(describe_space(request.format, *statistics));
  if (const auto type = storage->file_system()) {
    facts["file_system"] = type->name;
    if (!type->caution.empty()) facts["caution"] = type->caution;
  }
  write_object(data, request.format, facts);
  return ExitStatus::ok;
}

Outcome<ExitStatus> run_tables(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  const auto tables = list_tables(*storage);
  if (!tables) return pass_on(tables);
  RecordWriter writer(data, request.format,
                      {{.name = "table"},
                       {.name = "entries", .is_number = true},
                       {.name = "key"},
                       {.name = "value"},
                       {.name = "alignment", .is_number = true, .title = "ALIGN"}});
  for (const auto& table : *tables) {
    writer.add({{"table", bytes_to_json(table.name)},
                {"entries", table.root.entries},
                {"key", descriptor_json(request.format, table.key_descriptor)},
                {"value", descriptor_json(request.format, table.value_descriptor)},
                {"alignment", table.root.alignment()},
                {"created", table.created.value}});
  }
  writer.finish();
  return ExitStatus::ok;
}

Outcome<ExitStatus> run_stats(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  const auto statistics = statistics_of(*storage);
  if (!statistics) return pass_on(statistics);
  auto trees = describe_trees(*storage);
  if (!trees) return pass_on(trees);
  Json space = describe_space(request.format, *statistics);
  if (request.format != Format::table) {
    write_object(data, request.format,
                 {{"tables", std::move(*trees)}, {"space", std::move(space)}});
    return ExitStatus::ok;
  }
  RecordWriter writer(data, request.format, tree_columns());
  for (const auto& tree : *trees) writer.add(tree);
  writer.finish();
  if (!trees->empty()) data << '\n';
  write_object(data, request.format, space);
  return ExitStatus::ok;
}

Outcome<ExitStatus> run_check(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  Progress progress("checked");
  const auto report = storage->check(
      [&](const quire::Progress& now) { progress.tell(now.done, now.total, "pages"); });
  if (!report) return trouble("cannot check " + request.path, report.error());
  write_report(data, request.format, describe_report(request.path, *report),
               names_of_tables(*storage), *report);
  if (report->is_clean()) return ExitStatus::ok;
  return report->has_corruption() ? ExitStatus::corruption : ExitStatus::minor_defects;
}

}  // namespace kvtool
