// Traces in which commits are made while the sync of another one is in flight.
#include <array>

#include "crash/traces.hpp"

namespace quire::test {
namespace {

using Durability::buffered;
using Durability::full;
using Durability::two_phase;

Session::Edit change(std::size_t seed) {
  return [seed](Editor& editor) {
    editor.put("a", numbered_key(seed % 5), text(300, seed));
    editor.put("b", numbered_key(seed), text(200, seed));
  };
}

void share_one_sync(Session& session) {
  session.group(change(1), {{full, change(2)}, {full, change(3)}});
  session.group(change(4), {{full, change(5)}});
}

/// More states than slots are named while one sync is in flight.
void name_many(Session& session) {
  session.full(fill(40, 200));
  session.group(change(1), {{full, change(2)},
                            {full, change(3)},
                            {full, change(4)},
                            {full, change(5)},
                            {full, change(6)}});
  session.full(change(7));
}

void mix_in_one_group(Session& session) {
  session.group(change(1), {{buffered, change(2)}, {full, change(3)}, {buffered, change(4)}});
  session.buffered(change(5));
  session.group(change(6), {{two_phase, change(7)}, {buffered, change(8)}});
  session.buffered(change(9));
}

/// Pages that died a commit or two ago are used again while older states wait for their sync.
void reuse_in_groups(Session& session) {
  session.full(fill(40, 200));
  for (std::size_t round = 0; round < 3; ++round) {
    const std::size_t seed = 10 * round;
    session.group(change(seed), {{full, change(seed + 1)},
                                 {buffered, change(seed + 2)},
                                 {full, change(seed + 3)},
                                 {full, change(seed + 4)}});
  }
  session.buffered(change(90));
}

void die_after_a_group(Session& session) {
  session.group(change(1), {{full, change(2)}, {buffered, change(3)}});
  session.kill();
  session.group(change(4), {{buffered, change(5)}, {full, change(6)}});
  session.buffered(change(7));
  session.kill_and_evict();
  session.full(change(8));
}

/// What buffered commits build on is synced while more of them are made than there are slots.
void await_tickets(Session& session) {
  session.full(fill(40, 200));
  session.buffered(change(1));
  session.await({change(2), change(3)});
  session.await({change(4), change(5), change(6), change(7), change(8)});
  session.group(change(9), {{buffered, change(10)}, {full, change(11)}});
  session.buffered(change(12));
  session.await({change(13)});
  session.kill();
  session.buffered(change(14));
  session.await({change(15), change(16)});
  session.await();
}

}  // namespace

std::span<const Trace> group_traces() {
  static const std::array traces = {
      Trace{"commits share a sync", share_one_sync},
      Trace{"more states than slots in one sync", name_many},
      Trace{"all durabilities in one sync", mix_in_one_group},
      Trace{"pages reused while syncs are in flight", reuse_in_groups},
      Trace{"the same with checkpoints",
            reuse_in_groups,
            {.checkpoint_after = 2, .log_in_slots = false}},
      Trace{"tickets awaited while others commit", await_tickets},
      Trace{"the same with checkpoints of these",
            await_tickets,
            {.checkpoint_after = 2, .log_in_slots = false}},
      Trace{"process deaths after shared syncs", die_after_a_group},
  };
  return traces;
}

}  // namespace quire::test
