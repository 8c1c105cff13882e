// What a power cut may leave of a file that several processes share: at every write and every sync
// of runs in which they commit in turn and together, are killed at any call, and are followed by
// others.
#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "crash/explore.hpp"
#include "crash/shared_run.hpp"
#include "support/parallel.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// A run, until its images are explored.
struct Recorded {
  SharedScript script;
  Playback playback;
  std::vector<std::string> complaints;
  Findings findings{};
};

Recorded record(std::uint64_t seed, std::size_t& deaths) {
  Recorded recorded{.script = make_script(seed), .playback = {}, .complaints = {}};
  SharedRun run(recorded.script);
  recorded.playback = run.play_script();
  recorded.complaints = run.complaints();
  deaths += run.death_count();
  return recorded;
}

void explore(Recorded& recorded, const Plan& plan) {
  const std::string name = "processes, seed " + std::to_string(recorded.script.seed);
  Retelling retelling(recorded.script);
  for (const Note& note : recorded.playback.notes) retelling.hear(note);
  Explorer explorer(name, recorded.script.options, plan);
  for (const std::string& complaint : recorded.complaints) explorer.note_loss(complaint, name);
  for (const std::string& complaint : retelling.complaints()) explorer.note_loss(complaint, name);
  explorer.explore(CrashJournal(std::move(recorded.playback.recording), small_machine),
                   retelling.history());
  recorded.findings = explorer.findings();
}

// Law: after a cut anywhere, a database is found as one of the commits of all processes left it,
// not older than the newest one that any process knew to be durable; it is sound, and goes on. What
// returned is built on by whoever comes next, and what he does not build on does not come back.
TEST_CASE("a cut while processes share the file, and die, loses nothing") {
  constexpr std::size_t batch = 16;
  const Plan plan{.budget = {.exhaustive_limit = 8, .samples = 10}, .after_cut = {}};
  const std::size_t count = scaled(200);
  std::size_t images = 0;
  std::size_t deaths = 0;
  for (std::size_t begin = 0; begin < count; begin += batch) {
    // No process is started while others explore.
    std::vector<Recorded> runs;
    for (std::size_t seed = begin; seed < std::min(count, begin + batch); ++seed)
      runs.push_back(record(seed, deaths));
    in_parallel(runs.size(), [&](std::size_t index) { explore(runs[index], plan); });
    for (const Recorded& run : runs) {
      CAPTURE(run.script.seed);
      CAPTURE(run.findings.first);
      CHECK(run.findings.losses == 0);
      images += run.findings.images;
    }
  }
  CHECK(images > 0);
  std::printf("%9zu crash images: %zu runs of processes, of which %zu were killed\n", images, count,
              deaths);
}

}  // namespace
}  // namespace quire::test
