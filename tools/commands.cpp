#include "tools/commands.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace kvtool {
namespace {

using Run = Outcome<ExitStatus> (*)(const Request&, std::ostream&);

constexpr std::array<std::pair<std::string_view, Run>, 12> commands{{
    {"info", run_info},
    {"tables", run_tables},
    {"stats", run_stats},
    {"check", run_check},
    {"readers", run_readers},
    {"get", run_get},
    {"put", run_put},
    {"del", run_del},
    {"scan", run_scan},
    {"backup", run_backup},
    {"dump", run_dump},
    {"load", run_load},
}};

}  // namespace

Outcome<ExitStatus> run(const Request& request, std::ostream& data) {
  for (const auto& [name, run_it] : commands) {
    if (request.command == name) return run_it(request, data);
  }
  return trouble(ExitStatus::usage, "no such command: " + request.command);
}

}  // namespace kvtool
