// Traces in which commits stay in memory for a while.
#include "crash/traces.hpp"

namespace quire::test {
namespace {

using Durability::buffered;
using Durability::full;
using Durability::resident;
using Durability::two_phase;

Session::Edit change(std::size_t seed) {
  return [seed](Editor& editor) {
    editor.put("a", numbered_key(seed % 7), text(300, seed));
    editor.put("b", numbered_key(seed), text(200, seed));
  };
}

void stay(Session& session, std::size_t from, std::size_t to) {
  for (std::size_t seed = from; seed < to; ++seed) session.commit(resident, change(seed));
}

/// Only the close writes.
void stay_until_the_close(Session& session) {
  stay(session, 0, 5);
  session.reopen();
  stay(session, 5, 8);
}

void be_taken_along(Session& session) {
  session.full(fill(40, 200));
  stay(session, 0, 4);
  session.full(change(4));
  stay(session, 5, 8);
  session.two_phase(change(8));
  stay(session, 9, 12);
  session.buffered(change(12));
  stay(session, 13, 15);
  session.sync();
  stay(session, 15, 17);
  session.await();
  session.full([](Editor&) {});
}

void die_in_memory(Session& session) {
  session.full(fill(40, 200));
  stay(session, 0, 4);
  session.kill();
  stay(session, 4, 6);
  session.buffered(change(6));
  stay(session, 7, 9);
  session.kill();
  stay(session, 9, 11);
  session.sync();
  stay(session, 11, 13);
  session.kill_and_evict();
  session.full(change(14));
}

/// Pages of the file that resident commits release stay until the file no longer needs them.
void release_and_reuse(Session& session) {
  session.full(fill(60, 200));
  session.hold();
  for (std::size_t round = 0; round < 3; ++round) {
    stay(session, 20 * round, 20 * round + 4);
    session.hold();
    session.buffered(change(20 * round + 5));
    stay(session, 20 * round + 6, 20 * round + 9);
    session.full(change(20 * round + 10));
    session.release();
  }
  stay(session, 80, 83);
}

/// Large values go to the file at once, and everything with them.
void mix_with_large_values(Session& session) {
  stay(session, 0, 3);
  session.commit(resident, [](Editor& editor) { editor.put("a", "large", text(9'000, 1)); });
  stay(session, 3, 5);
  session.commit(resident, [](Editor& editor) { editor.put("a", "large", text(12'000, 2)); });
  session.commit(resident, [](Editor& editor) { editor.erase("a", "large"); });
  session.full(change(6));
}

void make_and_drop_tables(Session& session) {
  session.full(fill(20, 100));
  session.commit(resident, [](Editor& editor) { editor.put("c", "key", "value"); });
  session.commit(resident, [](Editor& editor) { editor.drop("c"); });
  session.commit(resident, [](Editor& editor) { editor.drop("a"); });
  session.commit(resident, [](Editor& editor) { editor.put("a", "key", "new"); });
  session.buffered([](Editor& editor) { editor.put("d", "key", "value"); });
  session.commit(resident, [](Editor& editor) { editor.erase("d", "key"); });
  session.sync();
  session.commit(resident, [](Editor& editor) { editor.drop("d"); });
  session.full([](Editor& editor) { editor.drop("a"); });
}

void abandon_in_between_residents(Session& session) {
  stay(session, 0, 2);
  session.abandon(change(50));
  stay(session, 2, 4);
  session.abandon([](Editor& editor) { editor.put("a", "large", text(9'000, 1)); });
  stay(session, 4, 6);
  session.full(change(6));
}

/// Memory is used up again and again.
void use_up_memory(Session& session) {
  for (std::size_t seed = 0; seed < 12; ++seed) {
    session.commit(resident, [seed](Editor& editor) {
      for (std::size_t number = 0; number < 20; ++number)
        editor.put("a", numbered_key(seed * 7 + number), text(250, seed * 100 + number));
    });
  }
}

void replace_the_log(Session& session) {
  session.full(fill(40, 200));
  for (std::size_t round = 0; round < 5; ++round) {
    stay(session, 10 * round, 10 * round + 2);
    session.commit(round % 2 == 0 ? buffered : full, change(10 * round + 3));
  }
  stay(session, 90, 92);
}

/// What builds on a commit that waits for its sync is not shown before that one.
void share_syncs(Session& session) {
  stay(session, 0, 2);
  session.group(change(2), {{resident, change(3)}, {full, change(4)}});
  stay(session, 5, 7);
  session.group(change(7), {{buffered, change(8)}, {resident, change(9)}, {full, change(10)}});
  stay(session, 11, 12);
  session.kill();
}

}  // namespace

std::span<const Trace> resident_traces() {
  static const std::array traces = {
      Trace{"resident until the close", stay_until_the_close},
      Trace{"resident, taken along", be_taken_along},
      Trace{"resident, process deaths", die_in_memory},
      Trace{"resident, reuse under snapshots", release_and_reuse},
      Trace{"resident, large values", mix_with_large_values},
      Trace{"resident, tables made and dropped", make_and_drop_tables},
      Trace{"resident, abandoned in between", abandon_in_between_residents},
      Trace{"resident, no memory to spare", use_up_memory, {.memory_budget = 24 * 4096}},
      Trace{
          "resident, checkpoints", replace_the_log, {.checkpoint_after = 2, .log_in_slots = false}},
      Trace{"resident, shared syncs", share_syncs},
  };
  return traces;
}

}  // namespace quire::test
