// Traces in which full commits are recorded in the redo log, and what ends that.
#include "crash/traces.hpp"

namespace quire::test {
namespace {

using Durability::buffered;
using Durability::full;
using Durability::resident;

constexpr std::uint64_t log_size = std::uint64_t{4} * 4096;

Session::Edit change(std::size_t seed, std::size_t size = 200) {
  return [seed, size](Editor& editor) {
    editor.put("a", numbered_key(seed % 7), text(size, seed));
    editor.put("b", numbered_key(seed), text(size / 2, seed));
    if (seed % 3 == 2) editor.erase("a", numbered_key((seed + 3) % 7));
  };
}

/// The first of them makes the log.
void make_tables(Session& session) {
  session.full([](Editor& editor) {
    editor.create("a");
    editor.create("b");
  });
}

void record(Session& session, std::size_t from, std::size_t to, std::size_t size = 200) {
  for (std::size_t seed = from; seed < to; ++seed) session.full(change(seed, size));
}

void record_and_close(Session& session) {
  make_tables(session);
  record(session, 0, 5);
  session.reopen();
  record(session, 5, 8);
}

/// Each death leaves records that the next opening does again, and goes on behind.
void die_after_records(Session& session) {
  make_tables(session);
  record(session, 0, 4);
  session.kill();
  record(session, 4, 6);
  session.kill_and_evict();
  record(session, 6, 8);
  session.full([](Editor& editor) { editor.create("c"); });
  session.kill();
  record(session, 8, 10);
}

/// The log is written over again and again.
void fill_the_log(Session& session) {
  make_tables(session);
  record(session, 0, 24, 900);
  session.kill();
  record(session, 24, 40, 900);
}

/// Commits that write pages begin the log anew, and what they do not sync keeps it from going on.
void mix_with_others(Session& session) {
  make_tables(session);
  for (std::size_t round = 0; round < 4; ++round) {
    const std::size_t first = 10 * round;
    record(session, first, first + 2);
    if (round % 2 == 0)
      session.buffered([](Editor& editor) { editor.put("a", "large", text(9'000, 2)); });
    record(session, first + 3, first + 4);
    session.commit(resident, change(first + 4));
    record(session, first + 5, first + 6);
    session.two_phase(change(first + 6));
    record(session, first + 7, first + 8);
    if (round == 1) session.sync();
  }
}

/// What has pages of its own is not recorded.
void mix_with_large_values(Session& session) {
  make_tables(session);
  record(session, 0, 2);
  session.full([](Editor& editor) { editor.put("a", "large", text(9'000, 1)); });
  record(session, 2, 4);
  session.full([](Editor& editor) { editor.erase("a", "large"); });
  session.full([](Editor& editor) {
    editor.undo([](Editor& inner) { inner.put("a", "undone", "value"); });
    editor.put("a", "kept", "value");
  });
  session.abandon(change(4));
  record(session, 5, 7);
}

/// Memory is used up before the log is.
void use_up_memory(Session& session) {
  make_tables(session);
  for (std::size_t seed = 0; seed < 12; ++seed) {
    session.full([seed](Editor& editor) {
      for (std::size_t number = 0; number < 8; ++number)
        editor.put("a", numbered_key((seed * 37 + number * 11) % 97), text(250, seed));
    });
  }
  session.kill();
}

/// Of a state that was written and not synced nothing may be taken for the records of another.
void lose_states(Session& session) {
  make_tables(session);
  record(session, 0, 3);
  session.buffered(change(3));
  session.kill_and_evict();
  record(session, 4, 6);
  session.buffered(change(6));
  session.full([](Editor& editor) { editor.create("c"); });
  record(session, 7, 9);
}

/// Records that nobody waits for may reach the disk in any order, or not.
void record_buffered(Session& session) {
  make_tables(session);
  record(session, 0, 2);
  for (std::size_t seed = 2; seed < 6; ++seed) session.buffered(change(seed));
  session.kill();
  for (std::size_t seed = 6; seed < 9; ++seed) session.buffered(change(seed));
  session.kill_and_evict();
  session.buffered(change(9));
  session.await();
  session.buffered(change(10));
  record(session, 11, 12);
  session.buffered(change(12));
  session.full([](Editor&) {});
  session.buffered(change(13));
  session.sync();
  session.buffered(change(14));
}

/// The log is full of them, too.
void fill_the_log_buffered(Session& session) {
  make_tables(session);
  for (std::size_t seed = 0; seed < 30; ++seed) {
    if (seed % 7 == 3)
      session.full(change(seed, 60));
    else
      session.buffered(change(seed, 60));
  }
  session.kill();
  for (std::size_t seed = 30; seed < 50; ++seed) session.buffered(change(seed, 60));
}

void hold_snapshots(Session& session) {
  make_tables(session);
  for (std::size_t round = 0; round < 3; ++round) {
    session.hold();
    record(session, 10 * round, 10 * round + 4, 600);
    session.hold();
    record(session, 10 * round + 4, 10 * round + 7, 600);
    session.release();
  }
}

const Options with_log{.redo_log_size = log_size};

}  // namespace

std::span<const Trace> redo_traces() {
  static const std::array traces = {
      Trace{"recorded, and closed", record_and_close, with_log},
      Trace{"recorded, process deaths", die_after_records, with_log},
      Trace{"recorded, a full log", fill_the_log, with_log},
      Trace{"recorded, among other commits", mix_with_others, with_log},
      Trace{"recorded, large values", mix_with_large_values, with_log},
      Trace{"recorded, no memory to spare",
            use_up_memory,
            {.memory_budget = std::uint64_t{12} * 4096, .redo_log_size = log_size}},
      Trace{"recorded, lost states", lose_states, with_log},
      Trace{"recorded, snapshots", hold_snapshots, with_log},
      Trace{"recorded, and buffered", record_buffered, {.redo_log_size = 4 * log_size}},
      Trace{"recorded, a full log, buffered",
            fill_the_log_buffered,
            {.durability = Durability::buffered, .redo_log_size = log_size}},
      Trace{"recorded, checkpoints",
            mix_with_others,
            {.redo_log_size = log_size, .checkpoint_after = 1, .log_in_slots = false}},
      Trace{"recorded, pages of 64 KiB",
            fill_the_log,
            {.page_size = 65536, .redo_log_size = std::uint64_t{2} * 65536}},
  };
  return traces;
}

}  // namespace quire::test
