// Whether the suite would notice: with any one of the safety rules switched off, it reports losses.
#include <doctest/doctest.h>

#include <cstdio>

#include "crash/explore.hpp"
#include "crash/traces.hpp"

namespace quire::test {
namespace {

/// Enough to find what a missing rule costs, and little enough to do nothing else.
const Plan one_cut{.budget = {.exhaustive_limit = 64, .samples = 48}, .after_cut = {}};

/// For what shows in few images only.
const Plan many_images{.budget = {.exhaustive_limit = 64, .samples = 400}, .after_cut = {}};

/// Every survivor is cut again, at each of its stops.
Plan two_cuts(Script after_cut) {
  return {.budget = {.exhaustive_limit = 16, .samples = 24},
          .depth = 2,
          .deep_stops = 0,
          .deep_budget = {.exhaustive_limit = 32, .samples = 8},
          .after_cut = std::move(after_cut)};
}

void require_losses_without(bool SafetyRules::* rule, std::string_view trace_name,
                            const Plan& plan) {
  Trace trace = trace_named(trace_name);
  const Findings with = run_and_explore(trace, plan);
  CAPTURE(with.first);
  CHECK(with.losses == 0);
  trace.options.rules.*rule = false;
  const Findings without = run_and_explore(trace, plan);
  std::printf("%9zu of %zu crash images lose something without the rule: %s\n", without.losses,
              without.images, without.first.substr(0, 120).c_str());
  REQUIRE(without.losses > 0);
}

TEST_CASE("losses show when recovery does not verify pages") {
  require_losses_without(&SafetyRules::verify_pages, "batches", one_cut);
}

TEST_CASE("losses show when recovery does not write again what it accepts") {
  require_losses_without(&SafetyRules::rewrite_accepted, "syncs fail, processes die", one_cut);
}

// A commit is rejected because the file is too short for it, though none of its pages lies beyond
// the end; when the next commit makes the file longer, nothing is wrong with the dead one any more.
TEST_CASE("losses show when recovery leaves rejected slots as they are") {
  require_losses_without(
      &SafetyRules::overwrite_rejected, "the file grows for a while",
      two_cuts([](Session& session) {
        session.full([](Editor& editor) { editor.put("c", "large", text(120'000, 9)); });
      }));
}

TEST_CASE("losses show when durable states do not keep their pages") {
  require_losses_without(&SafetyRules::state_pins, "pages reused by buffered commits", one_cut);
}

TEST_CASE("losses show when a commit writes a slot that recovery may need") {
  require_losses_without(&SafetyRules::spare_slot, "puts, full", one_cut);
}

TEST_CASE("losses show when a checkpoint is committed with one sync") {
  require_losses_without(&SafetyRules::checkpoint_two_phase, "checkpoints, full", one_cut);
}

TEST_CASE("losses show when a page number is written twice in one transaction") {
  require_losses_without(&SafetyRules::write_number_once, "more than the memory budget",
                         many_images);
}

TEST_CASE("losses show when a failed sync is asked for again") {
  require_losses_without(&SafetyRules::no_repeated_sync, "syncs fail, processes die", one_cut);
}

TEST_CASE("losses show when a new file has its name before it is complete") {
  require_losses_without(&SafetyRules::atomic_creation, "creation", one_cut);
}

// Pages of a dead commit are on the disk, and the next one takes the same numbers under its id.
TEST_CASE("losses show when ids are used again") {
  require_losses_without(&SafetyRules::id_ceiling, "puts, buffered", two_cuts([](Session& session) {
    session.buffered([](Editor& editor) { editor.put("a", "after", text(100, 1)); });
    session.buffered([](Editor& editor) { editor.put("a", "after", text(100, 2)); });
  }));
}

TEST_CASE("losses show when redo records follow what is not durable") {
  require_losses_without(&SafetyRules::redo_after_durable, "recorded, among other commits",
                         one_cut);
}

TEST_CASE("losses show when redo records are taken for those of another state") {
  require_losses_without(&SafetyRules::redo_seeds, "recorded, a full log", one_cut);
}

TEST_CASE("losses show when what an opening did again is not on the disk") {
  require_losses_without(&SafetyRules::rewrite_redo, "syncs of records fail", one_cut);
}

}  // namespace
}  // namespace quire::test
