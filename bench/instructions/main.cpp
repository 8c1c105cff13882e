// quire-instructions: fixed workloads for tools/count-instructions, which runs this program under
// callgrind and compares what each takes with bench/instructions/expected.tsv.
//
//   quire-instructions [WORKLOAD ...]     those whose names these are; by default all
//
// Only the work itself is counted: callgrind begins with it and writes a file when it is done, in
// which the workload is the trigger. Prints what compiled it, and each workload with its
// operations. Without callgrind it does the same work and nothing is counted.
//
// Exit status: 0 when it ran; 1 when quire failed, or there is no such workload.
#include <malloc.h>

#include <valgrind/callgrind.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "workload.hpp"

namespace bench {

namespace {

#ifdef __clang__
constexpr const char* compiler = "clang++ ";
constexpr int compiler_version = __clang_major__;
#else
constexpr const char* compiler = "g++ ";
constexpr int compiler_version = __GNUC__;
#endif

/// Where sums go, so that no work is left out.
volatile std::uint64_t last_sum;

/// Not inlined, so that it is in every profile with the work below it.
[[gnu::noinline]] void count(const Work& work) {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  last_sum = work();
  CALLGRIND_STOP_INSTRUMENTATION;
}

void run(const Workload& workload) {
  const Work work = workload.prepare();
  // The library puts off some of what was freed until somebody asks for much memory.
  ::malloc_trim(0);
  count(work);
  CALLGRIND_DUMP_STATS_AT(workload.name.c_str());
  std::cout << workload.name << '\t' << workload.operations << '\n';
}

std::vector<Workload> all_workloads() {
  std::vector<Workload> workloads = read_workloads();
  for (Workload& workload : write_workloads()) workloads.push_back(std::move(workload));
  return workloads;
}

bool run(std::span<char* const> names) {
  std::cout << compiler << compiler_version << '\n';
  const std::vector<Workload> workloads = all_workloads();
  if (names.empty()) {
    for (const Workload& workload : workloads) run(workload);
    return true;
  }
  for (const std::string name : names) {
    const auto found = std::ranges::find(workloads, name, &Workload::name);
    if (found == workloads.end()) {
      std::cerr << "quire-instructions: there is no workload '" << name << "'\n";
      return false;
    }
    run(*found);
  }
  return true;
}

}  // namespace

}  // namespace bench

int main(int argument_count, char** arguments) {
  try {
    const std::span<char* const> all(arguments, static_cast<std::size_t>(argument_count));
    return bench::run(all.subspan(1)) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "quire-instructions: " << error.what() << '\n';
    return 1;
  }
}
