#include "quire/engine/space/space.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "support/volume.hpp"
#include "unit/engine/space/page_set.hpp"

namespace quire::test {
namespace {

constexpr PageNo first_page{16};

/// A writer that takes and releases pages, and the plain account of them.
class World {
 public:
  explicit World(Dice& dice) : dice_(dice) {}

  /// One transaction; it comes to a commit or to nothing.
  void transaction() {
    txn_ = txn_.next();
    const PageNo old_end = space_.page_count();
    const std::vector<Extent> old_free = space_.free().list();
    const std::map<std::uint32_t, TxnId> old_in_use = in_use_;
    space_.reclaim(pins());
    const std::vector<Extent> free = space_.free().list();
    require_new_free(old_free, free);
    for (std::uint64_t left = dice_.below(5); left > 0; --left) take();
    for (std::uint64_t left = dice_.below(30); left > 0; --left) release();
    if (dice_.one_in(4)) {
      in_use_ = old_in_use;
      space_.rollback();
      REQUIRE(space_.page_count() == old_end);
      REQUIRE(space_.free().list() == free);
    } else {
      log_.push_back(record());
      space_.commit(txn_);
    }
    require_all_accounted();
  }

  /// What an opener without pins makes of the log: the dead are free, the rest is the same.
  void require_replayed() {
    const Space replayed = Space::replay(log_, first_page).value();
    REQUIRE(replayed.page_count() == space_.page_count());
    PageSet expected = pages_of(space_.free().list());
    for (const DeadExtent& dead : space_.pending().list()) expected.merge(pages_of({dead.extent}));
    REQUIRE(pages_of(replayed.free().list()) == expected);
  }

 private:
  std::vector<TxnId> pins() {
    if (pin_ == no_txn || dice_.one_in(4)) pin_ = {txn_.value - 1};
    return {pin_};
  }

  void require_new_free(const std::vector<Extent>& before, const std::vector<Extent>& after) {
    const PageSet pages = pages_of(after);
    for (const Extent& extent : before) REQUIRE(has_all(pages, extent));
  }

  void take() {
    const auto count = static_cast<std::uint32_t>(1 + dice_.mostly_small(30));
    const bool is_one_run = dice_.one_in(3);
    const Growth growth = dice_.one_in(2) ? Growth::when_it_pays : Growth::as_a_last_resort;
    std::vector<Extent> runs;
    if (is_one_run)
      runs.push_back(space_.take_run(count).value());
    else
      runs = space_.take(count, growth).value();
    REQUIRE(std::is_sorted(runs.begin(), runs.end()));
    REQUIRE(page_total(runs) == count);
    if (dice_.one_in(4)) give_back_part(runs.back());
    for (const std::uint32_t page : pages_of(runs)) {
      REQUIRE(page < space_.page_count().value);
      REQUIRE(in_use_.emplace(page, txn_).second);
    }
  }

  void give_back_part(Extent& run) {
    if (run.count < 2) return;
    const auto kept = static_cast<std::uint32_t>(1 + dice_.below(run.count - 1));
    space_.give_back({run.first.after(kept), run.count - kept});
    run.count = kept;
  }

  void release() {
    if (in_use_.empty()) return;
    const auto near =
        in_use_.lower_bound(static_cast<std::uint32_t>(dice_.below(space_.page_count().value)));
    if (near == in_use_.end()) return;
    space_.release({{near->first}, 1}, near->second);
    in_use_.erase(near);
  }

  LogRecord record() {
    LogRecord record;
    record.txn = txn_;
    record.page_count = space_.page_count();
    record.is_checkpoint = log_.empty();
    record.dead = space_.released();
    for (DeadExtent& dead : record.dead) dead.died = txn_;
    record.extents = record.is_checkpoint ? space_.free().list() : space_.taken();
    return record;
  }

  /// Law: every page is in use, or pending, or free, and exactly one of these.
  void require_all_accounted() {
    std::map<std::uint32_t, int> uses;
    for (const auto& [page, born] : in_use_) ++uses[page];
    for (const std::uint32_t page : pages_of(space_.free().list())) ++uses[page];
    for (const DeadExtent& dead : space_.pending().list())
      for (const std::uint32_t page : pages_of({dead.extent})) ++uses[page];
    REQUIRE(uses.size() == space_.page_count().value - first_page.value);
    for (const auto& [page, count] : uses) REQUIRE(count == 1);
  }

  Dice& dice_;
  Space space_{first_page};
  TxnId txn_;
  TxnId pin_;
  std::map<std::uint32_t, TxnId> in_use_;
  std::vector<LogRecord> log_;
};

TEST_CASE("whatever transactions take and release, each page is exactly one thing") {
  for (std::uint64_t seed = 0; seed < scaled(100); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    World world(dice);
    for (int round = 0; round < 100; ++round) world.transaction();
    world.require_replayed();
  }
}

TEST_CASE("a run is one extent, and pages come in as few runs as there can be") {
  Space space(first_page);
  const Extent all = space.take_run(100).value();
  CHECK(all == Extent{first_page, 100});
  for (const std::uint32_t hole : {3U, 10U, 20U, 5U}) {
    space.release({first_page.after(hole * 4), hole}, {1});
  }
  space.commit({2});
  space.reclaim({});
  // The best fit for so many, though a larger one comes first in the file.
  CHECK(space.take(5, Growth::as_a_last_resort).value() ==
        std::vector<Extent>{{first_page.after(20), 5}});
  // The largest run first; the rest of the need has its best fit.
  const std::vector<Extent> runs = space.take(23, Growth::as_a_last_resort).value();
  CHECK(runs == std::vector<Extent>{{first_page.after(12), 3}, {first_page.after(80), 20}});
  space.rollback();
  CHECK(space.free().page_count() == 38);
}

TEST_CASE("a small commit is one run, if the file has to grow for it, until a third is free") {
  Space space(first_page.after(90));
  const auto free_every = [&](std::uint32_t step, std::uint32_t offset) {
    for (std::uint32_t page = offset; page < 90; page += step)
      space.release({first_page.after(page), 1}, {1});
    space.commit({2});
    space.reclaim({});
  };
  const std::vector<Extent> at_the_end = {{first_page.after(90), 6}};
  free_every(6, 0);
  CHECK(space.take(6, Growth::when_it_pays).value() == at_the_end);
  space.rollback();
  CHECK(space.take(6, Growth::as_a_last_resort).value().size() == 6);
  space.rollback();
  free_every(6, 2);
  free_every(6, 4);
  CHECK(space.take(6, Growth::when_it_pays).value().size() == 6);
}

/// A log that makes sense, for spoiling.
std::vector<LogRecord> sound_log() {
  LogRecord checkpoint;
  checkpoint.txn = {5};
  checkpoint.is_checkpoint = true;
  checkpoint.page_count = {100};
  checkpoint.extents = {{{20}, 10}, {{50}, 1}};
  checkpoint.dead = {{{{60}, 2}, {1}, {4}}};
  LogRecord record;
  record.txn = {6};
  record.page_count = {120};
  record.extents = {{{20}, 4}, {{100}, 15}};
  record.dead = {{{{70}, 3}, {2}, {6}}};
  return {checkpoint, record};
}

using Spoil = void (*)(std::vector<LogRecord>&);

TEST_CASE("a log that contradicts itself or leaves the file is refused") {
  CHECK(pages_of(Space::replay(sound_log(), first_page).value().free().list()).size() == 17);
  const std::vector<Spoil> spoils = {
      [](auto& log) { log[0].extents[0].first = {15}; },          // among the meta slots
      [](auto& log) { log[0].extents[1] = {{99}, 2}; },           // beyond the end
      [](auto& log) { log[0].extents[1] = {{99}, UINT32_MAX}; },  // beyond any number
      [](auto& log) { log[0].extents[1].count = 0; },
      [](auto& log) { log[0].extents[1] = {{29}, 2}; },        // free twice
      [](auto& log) { log[0].dead[0].extent = {{25}, 1}; },    // pending and free
      [](auto& log) { log[0].dead[0].extent = {{100}, 1}; },   // beyond the end
      [](auto& log) { log[1].extents[0] = {{30}, 1}; },        // taken, but not free
      [](auto& log) { log[1].extents[0] = {{28}, 4}; },        // partly free
      [](auto& log) { log[1].extents.push_back({{22}, 1}); },  // taken twice
      [](auto& log) { log[1].dead[0].extent = {{60}, 1}; },    // freed again
      [](auto& log) { log[1].dead[0].extent.count = 0; },
      [](auto& log) { log[1].dead[0].extent = {{119}, 2}; },
      [](auto& log) { log[1].page_count = {99}; },
      [](auto& log) { log[1].page_count = {static_cast<std::uint32_t>(max_page_count)}; },
  };
  for (std::size_t index = 0; index < spoils.size(); ++index) {
    CAPTURE(index);
    std::vector<LogRecord> log = sound_log();
    spoils[index](log);
    const Result<Space> space = Space::replay(log, first_page);
    REQUIRE_FALSE(space.has_value());
    CHECK(space.error().code() == ErrorCode::corrupt);
  }
}

TEST_CASE("page numbers that are used up are an error, and nothing is taken") {
  Space space({static_cast<std::uint32_t>(max_page_count - 10)});
  CHECK(space.take_run(10).error().code() == ErrorCode::full);
  CHECK(space.take(10, Growth::when_it_pays).error().code() == ErrorCode::full);
  CHECK(space.take_run(9).has_value());
  CHECK(space.take(1, Growth::when_it_pays).error().code() == ErrorCode::full);
}

}  // namespace
}  // namespace quire::test
