// The command that says who keeps which state of a database, in all processes that have it open.

#include <fmt/format.h>

#include <chrono>

#include "tools/commands.hpp"
#include "tools/open.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

/// Seconds: a number in JSON, with its unit in a table.
Json age_json(Format format, std::chrono::nanoseconds age) {
  const double seconds = std::chrono::duration<double>(age).count();
  return format == Format::table ? Json(fmt::format("{:.1f} s", seconds)) : Json(seconds);
}

std::string_view condition_of(const quire::ReaderInfo& reader) {
  if (reader.is_stale) return "stale";
  return reader.is_ousted ? "ousted" : "alive";
}

Json describe(Format format, const quire::ReaderInfo& reader) {
  return {{"process", reader.process_id},
          {"name", bytes_to_json(reader.name)},
          {"snapshot", reader.txn.value},
          {"lag", reader.lag},
          {"pins", reader.pins},
          {"age", age_json(format, reader.age)},
          {"kept",
           format == Format::table ? Json(size_text(reader.kept_bytes)) : Json(reader.kept_bytes)},
          {"condition", condition_of(reader)},
          {"since", reader.since}};
}

}  // namespace

Outcome<ExitStatus> run_readers(const Request& request, std::ostream& data) {
  auto storage = open_for_reading(request);
  if (!storage) return pass_on(storage);
  const auto readers = storage->readers();
  if (!readers) return trouble("cannot list the readers of " + request.path, readers.error());
  RecordWriter writer(data, request.format,
                      {{.name = "process", .is_number = true},
                       {.name = "name"},
                       {.name = "snapshot", .is_number = true},
                       {.name = "lag", .is_number = true},
                       {.name = "pins", .is_number = true},
                       {.name = "age", .is_number = true},
                       {.name = "kept", .is_number = true},
                       {.name = "condition"}});
  for (const auto& reader : *readers) writer.add(describe(request.format, reader));
  writer.finish();
  return ExitStatus::ok;
}

}  // namespace kvtool
