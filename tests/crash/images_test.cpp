// What a power cut may leave, at every write and every sync of scripted runs.
#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "crash/explore.hpp"
#include "crash/traces.hpp"
#include "support/parallel.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// The default of what survivors do: more commits, in which pages are used again.
void go_on(Session& session) {
  session.buffered([](Editor& editor) { editor.put("a", "after", text(100, 1)); });
  session.full([](Editor& editor) { editor.put("a", "after", text(100, 2)); });
  session.buffered([](Editor& editor) { editor.put("more", "after", text(5000, 3)); });
}

void require_no_losses(std::span<const Trace> traces, const Plan& plan) {
  std::vector<Findings> all(traces.size());
  in_parallel(traces.size(),
              [&](std::size_t index) { all[index] = run_and_explore(traces[index], plan); });
  for (std::size_t index = 0; index < traces.size(); ++index) {
    const std::string name(traces[index].name);
    CAPTURE(name);
    CAPTURE(all[index].first);
    CHECK(all[index].losses == 0);
    CHECK(all[index].images > 0);
    std::printf("%9zu crash images: %s\n", all[index].images, name.c_str());
  }
}

Plan one_cut() {
  return {.budget = {.exhaustive_limit = 256, .samples = scaled(1000)}, .after_cut = {}};
}

Plan several_cuts() {
  return {.budget = {.exhaustive_limit = 0, .samples = scaled(12), .seed = 5},
          .every_nth_deep = 16,
          .depth = 3,
          .deep_stops = 4,
          .deep_budget = {.exhaustive_limit = 4, .samples = 8},
          .after_cut = go_on};
}

// Law: after a cut anywhere, a database is found as one of its commits left it, not older than the
// newest one that was acknowledged as durable; it is sound, and goes on.
TEST_CASE("a cut in a simple run loses nothing") { require_no_losses(simple_traces(), one_cut()); }
TEST_CASE("a cut while trees change loses nothing") { require_no_losses(tree_traces(), one_cut()); }
TEST_CASE("a cut while space moves loses nothing") { require_no_losses(space_traces(), one_cut()); }
TEST_CASE("a cut after failed syncs loses nothing") {
  require_no_losses(fault_traces(), one_cut());
}
TEST_CASE("a cut while commits share a sync loses nothing") {
  require_no_losses(group_traces(), one_cut());
}
TEST_CASE("a cut while commits are recorded loses nothing") {
  require_no_losses(redo_traces(), one_cut());
}

// Law: that holds however often the survivors of a cut are cut again, also within recovery; and
// what a recovery showed is what every later one finds.
TEST_CASE("cuts in a row lose nothing") {
  for (const std::span<const Trace> traces : all_traces())
    require_no_losses(traces, several_cuts());
}

}  // namespace
}  // namespace quire::test
