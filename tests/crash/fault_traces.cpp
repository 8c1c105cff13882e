// Traces in which syncs fail: the disk does not get what was written, or only some of it, and the
// cache goes on showing all of it as if it had.
#include <array>

#include "crash/traces.hpp"

namespace quire::test {
namespace {

void fail_next_sync(Session& session, std::uint64_t survivors_seed, std::size_t skipped = 0) {
  CrashDisk& disk = session.disk();
  disk.fail({.number = disk.call_count(Call::sync) + skipped,
             .call = Call::sync,
             .survivors_seed = survivors_seed});
}

Session::Edit change(std::size_t seed) {
  return [seed](Editor& editor) {
    for (std::size_t number = 0; number < 4; ++number)
      editor.put("a", numbered_key((seed + number * 11) % 40), text(300, seed));
  };
}

constexpr std::size_t rounds = 4;

/// In each round a commit whose sync fails, another process, and a commit on top of what it found.
void fail_and_die(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    fail_next_sync(session, round);
    session.full(change(round));
    session.full(change(50 + round));  // refused
    session.kill();
    session.full(change(20 + round));
  }
}

void fail_and_lose_the_cache(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    fail_next_sync(session, round);
    session.full(change(round));
    session.kill_and_evict();
    session.full(change(20 + round));
  }
}

void fail_buffered(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    session.buffered(change(round));
    session.buffered(change(30 + round));
    fail_next_sync(session, round);
    session.sync();
    session.kill();
    session.buffered(change(20 + round));
    session.sync();
  }
}

/// First the sync of the pages fails, then that of the slot.
void fail_two_phase(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    fail_next_sync(session, round / 2, round % 2);
    session.two_phase(change(round));
    session.kill();
    session.buffered(change(20 + round));
    session.full(change(40 + round));
  }
}

/// A survivor that only looks has shown what it found all the same. When only the sync of the slot
/// had failed, recovery once took the slot, which calls its state durable, at its word: the state
/// was shown, and gone when the cache was.
void fail_and_look(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    session.full(change(60 + round));
    fail_next_sync(session, 0, round % 2);
    session.two_phase(change(round));
    session.kill();
    session.kill_and_evict();
  }
}

/// First the sync of the pages that were written again fails, then that of the copies of the slot.
void fail_in_recovery(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    fail_next_sync(session, round / 2);
    session.full(change(round));
    fail_next_sync(session, round / 2, round % 2);
    session.kill();
    session.disk().heal();
    session.kill();
    session.kill_and_evict();
    session.full(change(20 + round));
  }
}

/// A record that the disk has not got, whatever the cache says, is seen by the next process.
void fail_records(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    session.full(change(10 * round));
    session.full(change(10 * round + 1));
    fail_next_sync(session, round / 2);
    session.full(change(10 * round + 2));
    session.kill();
    session.full(change(10 * round + 3));
    session.full(change(10 * round + 4));
    session.kill_and_evict();
  }
}

/// What is in the log only is done again by one process after the other.
void fail_and_only_look(Session& session) {
  session.full(change(100));
  for (std::size_t round = 0; round < rounds; ++round) {
    session.full(change(10 * round));
    fail_next_sync(session, round / 2);
    session.full(change(10 * round + 1));
    session.kill();
    session.kill();
    session.kill_and_evict();
  }
}

void fail_while_closing(Session& session) {
  for (std::size_t round = 0; round < rounds; ++round) {
    session.buffered(change(round));
    fail_next_sync(session, round / 2, round % 2);
    session.close();
    session.kill();
    session.buffered(change(20 + round));
    session.reopen();
  }
}

void fail_at_first(Session& session) {
  fail_next_sync(session, 0);
  session.full(change(1));  // the ceiling's sync
  session.kill();
  session.full(change(2));
}

}  // namespace

std::span<const Trace> fault_traces() {
  static const std::array traces = {
      Trace{"syncs fail, processes die", fail_and_die, {}, false, true},
      Trace{"syncs fail, caches are lost", fail_and_lose_the_cache, {}, false, true},
      Trace{"syncs of buffered commits fail", fail_buffered, {}, false, true},
      Trace{"syncs of two_phase commits fail", fail_two_phase, {}, false, true},
      Trace{"syncs fail, survivors only look", fail_and_look, {}, false, true},
      Trace{"syncs of recoveries fail", fail_in_recovery, {}, false, true},
      Trace{"syncs at closing fail", fail_while_closing, {}, false, true},
      Trace{"the first sync fails", fail_at_first, {}, false, true},
      Trace{"syncs of records fail", fail_records, {.redo_log_size = 16384}, false, true},
      Trace{"syncs of buffered records fail", fail_buffered, {.redo_log_size = 65536}, false, true},
      Trace{"syncs of records fail, survivors only look",
            fail_and_only_look,
            {.redo_log_size = 16384},
            false,
            true},
      Trace{"syncs of recorded commits fail", fail_and_die, {.redo_log_size = 16384}, false, true},
      Trace{"syncs fail, records are looked at",
            fail_and_look,
            {.redo_log_size = 16384},
            false,
            true},
      Trace{"syncs at closing after records fail",
            fail_while_closing,
            {.redo_log_size = 16384},
            false,
            true},
      Trace{"syncs of checkpoints fail",
            fail_buffered,
            {.checkpoint_after = 1, .log_in_slots = false},
            false,
            true},
  };
  return traces;
}

}  // namespace quire::test
