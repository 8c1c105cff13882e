// Traces in which pages die, wait, and are used again.
#include <array>

#include "crash/traces.hpp"

namespace quire::test {
namespace {

using Durability::buffered;
using Durability::full;
using Durability::two_phase;

Session::Edit change(std::size_t seed) {
  return [seed](Editor& editor) {
    editor.put("a", numbered_key(seed % 7), text(300, seed));
    editor.put("a", numbered_key(40 + seed % 5), text(300, seed));
  };
}

void change_with(Session& session, Durability durability, std::size_t count) {
  session.full(fill(60, 200));
  for (std::size_t round = 0; round < count; ++round) session.commit(durability, change(round));
}

void checkpoint_full(Session& session) { change_with(session, full, 9); }
void checkpoint_two_phase(Session& session) { change_with(session, two_phase, 6); }
/// A buffered commit with a checkpoint once called itself durable in a slot that was not synced: a
/// cut then lost what a later sync had acknowledged, or left a state whose pages were used again.
void checkpoint_buffered(Session& session) {
  change_with(session, buffered, 7);
  session.sync();
  session.buffered(change(8));
}

void checkpoint_and_reopen(Session& session) {
  change_with(session, full, 3);
  session.reopen();
  session.buffered(change(4));
  session.buffered(change(5));
  session.reopen();
  session.full(change(6));
}

void reuse_buffered(Session& session) {
  change_with(session, buffered, 6);
  session.full(change(7));
  session.buffered(change(8));
  session.buffered(change(9));
}

void grow_the_file(Session& session) {
  session.full(fill(20, 900));
  session.full([](Editor& editor) { editor.put("a", "large", text(150'000, 1)); });
  session.buffered([](Editor& editor) { editor.put("b", "large", text(90'000, 2)); });
}

void grow_and_shrink(Session& session) {
  session.full([](Editor& editor) { editor.put("a", "large", text(120'000, 1)); });
  session.full([](Editor& editor) { editor.erase("a", "large"); });
  session.full(fill(4, 50));
  session.reopen();
  session.buffered(fill(5, 60));
  session.close();
}

/// What a transaction takes at the end of the file, the next gives back, and there is room for both
/// before it: the newest state lies in the old part of a file that has grown, so a cut that loses
/// the growth loses nothing else of it.
void grow_for_a_while(Session& session) {
  session.full(fill(40, 200));
  session.full([](Editor& editor) { editor.put("b", "early", text(60'000, 1)); });
  session.full([](Editor& editor) { editor.erase("b", "early"); });
  session.full(change(1));
  session.reopen();
  session.full(change(2));
  session.buffered([](Editor& editor) { editor.put("b", "large", text(100'000, 1)); });
  session.buffered([](Editor& editor) { editor.erase("b", "large"); });
  session.buffered(change(3));
}

void hold_snapshots(Session& session) {
  session.full(fill(30, 200));
  session.hold();
  session.full(change(1));
  session.buffered(change(2));
  session.hold();
  session.full(change(3));
  session.release();
  session.full(change(4));
  session.full(change(5));
  session.release();
  session.buffered(change(6));
}

void commit_much(Session& session) {
  session.full(fill(10, 100));
  session.full(fill(250, 400));
  session.buffered([](Editor& editor) {
    for (std::size_t number = 0; number < 250; number += 10)
      editor.put("a", numbered_key(number), text(400, number + 1));
  });
}

/// Whole subtrees are written early, and most of them are touched again afterwards.
void pass_the_budget(Session& session) {
  const auto change_all = [](std::size_t rounds) {
    return [rounds](Editor& editor) {
      for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t number = 0; number < 150; number += 3)
          editor.put("a", numbered_key(number), text(300, number + round * 1000));
      }
    };
  };
  session.full(fill(30, 200));
  session.full([&](Editor& editor) {
    fill(150, 300)(editor);
    change_all(1)(editor);
  });
  session.full(change_all(5));
  session.buffered(change_all(3));
}

void pass_the_budget_and_abandon(Session& session) {
  session.full(fill(30, 200));
  session.abandon(fill(150, 300));
  session.full(change(1));
  session.abandon([](Editor& editor) { editor.put("a", "large", text(40'000, 1)); });
  session.full(change(2));
}

/// Pages that were written and undone die with the transaction, and are used again after it.
void go_back_to_savepoints(Session& session) {
  const auto put_large = [](std::size_t seed) {
    return [seed](Editor& editor) {
      editor.put("a", "large", text(30'000, seed));
      editor.put("b", numbered_key(seed), text(3000, seed));
    };
  };
  session.full(fill(30, 200));
  for (std::size_t round = 1; round < 4; ++round) {
    session.full([&](Editor& editor) {
      put_large(round)(editor);
      editor.undo([&](Editor& inner) {
        put_large(10 + round)(inner);
        inner.drop("a");
        inner.undo(put_large(20 + round));
      });
      editor.put("a", numbered_key(round), text(100, round));
    });
  }
  session.buffered([&](Editor& editor) { editor.undo(put_large(5)); });
  session.buffered(put_large(6));
}

void drop_much(Session& session) {
  session.full(fill(200, 150));
  session.full([](Editor& editor) { editor.drop("a"); });
  session.buffered(fill(30, 100));
  session.full(fill(60, 110));
}

void die_while_pages_wait(Session& session) {
  session.full(fill(60, 200));
  session.buffered(change(1));
  session.buffered(change(2));
  session.kill();
  session.buffered(change(3));
  session.buffered(change(4));
  session.full(change(5));
  session.kill_and_evict();
  session.buffered(change(6));
}

}  // namespace

std::span<const Trace> space_traces() {
  static constexpr std::uint64_t small_budget = 6 * 4096;
  static const std::array traces = {
      Trace{"checkpoints, full", checkpoint_full, {.checkpoint_after = 2, .log_in_slots = false}},
      Trace{"checkpoints, two_phase",
            checkpoint_two_phase,
            {.checkpoint_after = 2, .log_in_slots = false}},
      Trace{"checkpoints, buffered",
            checkpoint_buffered,
            {.checkpoint_after = 2, .log_in_slots = false}},
      Trace{"checkpoints, reopened",
            checkpoint_and_reopen,
            {.checkpoint_after = 2, .log_in_slots = false}},
      Trace{"pages reused by buffered commits", reuse_buffered},
      Trace{"the file grows", grow_the_file},
      Trace{"the file grows and shrinks", grow_and_shrink},
      Trace{"the file grows for a while", grow_for_a_while},
      Trace{"snapshots held", hold_snapshots},
      Trace{"a large transaction", commit_much},
      Trace{"more than the memory budget", pass_the_budget, {.memory_budget = small_budget}},
      Trace{"more than the budget, abandoned",
            pass_the_budget_and_abandon,
            {.memory_budget = small_budget}},
      Trace{"savepoints", go_back_to_savepoints},
      Trace{"a large table is dropped", drop_much},
      Trace{"process deaths while pages wait", die_while_pages_wait},
      Trace{"process deaths and checkpoints",
            die_while_pages_wait,
            {.checkpoint_after = 1, .log_in_slots = false}},
  };
  return traces;
}

}  // namespace quire::test
