// quire-bench: quire against LMDB on the same data, in one run.
//
//   meson setup build/release --buildtype=release -Dbench=true && ninja -C build/release
//   build/release/bench/quire-bench                  # everything, a few minutes
//   build/release/bench/quire-bench --rows get,scan  # rows whose names contain one of these
//
// How it measures: both engines' files exist at once; every round measures each side in turn on
// the same keys, and what counts is the median of the ratios within each round (measure.hpp).
// LMDB has its default flags and reads in one long transaction; it is opened with MDB_NOSYNC where
// a row says "load" (against quire's Durability::buffered) and in no other measured row. Each side
// touches the first eight bytes of each value (scans the key as well), sums them, and must come to
// the same sum. A first, unmeasured round maps the pages, which also has quire verify each page.
//
// quire is measured twice where there is something to compare: by the typed API, and ("its engine")
// by the layer below it, bytes in and bytes out. The target counts for the former.
//
// Rows of fields have values of about a kilobyte, at most 100,000 of them, so that they lie in
// memory: archives for quire, and for LMDB structs to copy or FlatBuffers to verify (company.hpp).
//
// Read files are filled in key order, which gives LMDB full pages, unless --layout says random.
// Commits, and threads that read side by side, are timed by the clock on the wall; everything else
// by the CPU time of the measuring thread, kernel included, because other work on the machine then
// counts less.
//
// Where LMDB has no part, quire is set against itself (contrast.hpp), in a table of its own.
// long_reader.cpp is a program of its own: what a long reader costs the file.
//
// Exit status: 0 when it ran, whatever the figures; 1 when the engines disagreed or failed.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "report.hpp"
#include "rows.hpp"
#include "wanted.hpp"
#include "working_directory.hpp"

namespace bench {

namespace {

struct Arguments {
  std::uint64_t entries = 1'000'000;
  unsigned rounds = 5;
  std::vector<std::string> rows;
  std::string directory = "build/bench-data";
  Layout layout = Layout::sequential;
  bool is_json = false;
};

Conditions conditions_of(const Arguments& arguments) {
  return {.entries = arguments.entries,
          .rounds = arguments.rounds,
          .directory = arguments.directory,
          .layout = arguments.layout == Layout::sequential ? "key" : "random",
          .has_real_time = RealTime().is_granted()};
}

std::vector<Outcome> run_rows(const Arguments& arguments, const Setting& setting) {
  std::vector<Outcome> outcomes;
  for (const auto& make_rows :
       {read_rows, bulk_rows, load_rows, commit_rows, snapshot_rows, value_rows}) {
    for (const Row& row : make_rows(setting)) {
      if (!is_wanted(row.name, arguments.rows)) continue;
      for (const Outcome& outcome : measure(row, arguments.rounds)) {
        if (!arguments.is_json) print_outcome(std::cout, outcome);
        outcomes.push_back(outcome);
      }
    }
  }
  return outcomes;
}

std::vector<ContrastOutcome> run_contrasts(const Arguments& arguments, const Setting& setting) {
  std::vector<ContrastOutcome> outcomes;
  for (const auto& make_contrasts : {snapshot_contrasts, bulk_contrasts, value_contrasts}) {
    for (const Contrast& contrast : make_contrasts(setting)) {
      if (!is_wanted(contrast.name, arguments.rows)) continue;
      if (!arguments.is_json && outcomes.empty()) print_contrast_heading(std::cout);
      outcomes.push_back(measure(contrast, arguments.rounds));
      if (!arguments.is_json) print_contrast(std::cout, outcomes.back());
    }
  }
  return outcomes;
}

void run(const Arguments& arguments) {
  const Data data(arguments.entries);
  const WorkingDirectory directory(arguments.directory, "quire-bench-stores");
  const Setting setting = {.data = data, .directory = directory.path(), .layout = arguments.layout};
  const Conditions conditions = conditions_of(arguments);
  if (!arguments.is_json) print_heading(std::cout, conditions);
  const std::vector<Outcome> outcomes = run_rows(arguments, setting);
  const std::vector<ContrastOutcome> contrasts = run_contrasts(arguments, setting);
  if (arguments.is_json) print_json(std::cout, conditions, outcomes, contrasts);
}

}  // namespace

}  // namespace bench

int main(int argument_count, char** argument_values) {
  bench::Arguments arguments;
  CLI::App app("Compares quire with LMDB on the same data, in one run.", "quire-bench");
  app.add_option("--entries", arguments.entries, "entries in each file")
      ->check(CLI::Range(1'000, 1'000'000'000));
  app.add_option("--rounds", arguments.rounds, "measured rounds of each row")
      ->check(CLI::Range(1, 1'000));
  app.add_option("--rows", arguments.rows, "only rows whose name contains one of these")
      ->delimiter(',');
  app.add_option("--directory", arguments.directory, "where the files go: on a real disk");
  app.add_option("--layout", arguments.layout, "how read files are filled: sequential or random")
      ->transform(CLI::CheckedTransformer(std::map<std::string, bench::Layout>{
          {"sequential", bench::Layout::sequential}, {"random", bench::Layout::random}}));
  app.add_flag("--json", arguments.is_json, "print JSON in place of the table");
  CLI11_PARSE(app, argument_count, argument_values);
  try {
    bench::run(arguments);
  } catch (const std::exception& failure) {
    std::cerr << "quire-bench: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
