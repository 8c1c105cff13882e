// quire-peers: quire against LMDB, RocksDB, LevelDB, SQLite and WiredTiger, those that were found
// when it was built, on the same data, in one run.
//
//   meson setup build/release --buildtype=release -Dbench=true && ninja -C build/release
//   build/release/bench/peers/quire-peers --json report.json
//   build/release/bench/peers/quire-peers --workloads redb,durable --engines quire,LMDB
//
// Each suite says at the head of its file what it measures. What holds for all of them: engines
// take turns in each round, whose turn is first moves on, and what counts is the median of the
// ratios within the rounds; what an engine found is summed, and engines that come to different sums
// are a failure; values are random bytes and never overwritten by what is there; durable commits
// are durable in every engine, and their syncs are counted (syncs.hpp). docs/benchmarks.md tells
// more.
//
// Exit status: 0 when it ran, whatever the figures; 1 when engines disagreed or failed.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "peers/environment.hpp"
#include "peers/job.hpp"
#include "peers/results.hpp"
#include "peers/suite.hpp"
#include "working_directory.hpp"

namespace bench::peers {

namespace {

struct Arguments {
  std::uint64_t entries = 1'000'000;
  unsigned rounds = 5;
  std::uint64_t cache_mebibytes = 1'024;
  std::vector<std::string> engines;
  std::vector<std::string> workloads;
  std::string directory = "build/bench-data";
  std::string json;
  bool is_quick = false;
  Job job;  ///< of a child; no kind: this is none
};

constexpr std::uint64_t quick_entries = 50'000;
constexpr unsigned quick_rounds = 3;

/// In place of everything else.
void run_job(const Arguments& arguments) {
  Job job = arguments.job;
  job.engine = arguments.engines.at(0);
  job.directory = arguments.directory;
  job.entries = arguments.entries;
  job.cache_size = arguments.cache_mebibytes << 20;
  do_job(job);
}

void run_all(const Arguments& arguments) {
  const WorkingDirectory directory(arguments.directory, "quire-peers-stores");
  const Setting setting = {.entries = arguments.entries,
                           .directory = directory.path(),
                           .cache_size = arguments.cache_mebibytes << 20,
                           .engines = arguments.engines,
                           .workloads = arguments.workloads};
  const Environment environment = Environment::look(setting, arguments.rounds);
  print_heading(std::cout, environment);
  std::vector<WorkloadResult> results;
  for (const auto& make_suite : {number_suite, url_suite, large_value_suite, durable_suite,
                                 redb_suite, ycsb_suite, cold_suite, killed_suite}) {
    // A suite's stores go before the next one's come.
    for (WorkloadResult& result : run(make_suite(setting), setting, arguments.rounds)) {
      print(std::cout, result);
      results.push_back(std::move(result));
    }
  }
  if (!arguments.json.empty()) write_json(arguments.json, environment, results);
}

}  // namespace

}  // namespace bench::peers

int main(int argument_count, char** argument_values) {
  bench::peers::Arguments arguments;
  CLI::App app("Compares quire with other embedded stores on the same data, in one run.",
               "quire-peers");
  auto* const entries = app.add_option("--entries", arguments.entries, "entries in each store")
                            ->check(CLI::Range(1'000, 1'000'000'000));
  auto* const rounds = app.add_option("--rounds", arguments.rounds, "rounds of each suite")
                           ->check(CLI::Range(1, 1'000));
  app.add_option("--cache", arguments.cache_mebibytes,
                 "MiB for the caches of engines that have one")
      ->check(CLI::Range(8, 1'000'000));
  app.add_option("--engines", arguments.engines, "only engines whose names contain one of these")
      ->delimiter(',');
  app.add_option("--workloads", arguments.workloads,
                 "only workloads whose names contain one of these")
      ->delimiter(',');
  app.add_option("--directory", arguments.directory, "where the stores go: on a real disk");
  app.add_option("--json", arguments.json, "a file to write all results to");
  app.add_flag("--quick", arguments.is_quick, "fewer entries and rounds, unless they are given");
  // For children of this program; not shown by --help.
  app.add_option("--job", arguments.job.kind)->group("");
  app.add_option("--job-operations", arguments.job.operations)->group("");
  app.add_option("--job-round", arguments.job.round)->group("");
  app.add_option("--job-group", arguments.job.group)->group("");
  CLI11_PARSE(app, argument_count, argument_values);
  if (arguments.is_quick && entries->count() == 0) arguments.entries = bench::peers::quick_entries;
  if (arguments.is_quick && rounds->count() == 0) arguments.rounds = bench::peers::quick_rounds;
  try {
    if (arguments.job.kind.empty()) {
      bench::peers::run_all(arguments);
    } else {
      bench::peers::run_job(arguments);
    }
  } catch (const std::exception& failure) {
    std::cerr << "quire-peers: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
