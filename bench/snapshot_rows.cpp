// The rows about snapshots and the threads that read: what beginning and ending one costs, what a
// get costs that has to do so itself, and whether readers are in each other's way, or a writer in
// theirs.
//
// LMDB keeps one read transaction, which it resets and renews: the cheapest way that it has. The
// other rows set quire against itself; each side returns the sum over what it found less the sum
// over what was stored. The writer stores the values that are there already, so that the sums say
// nothing of who was faster.
#include <cstddef>
#include <latch>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "files.hpp"
#include "gets.hpp"
#include "rows.hpp"

namespace bench {

namespace {

constexpr std::size_t snapshots_per_round = 100'000;
constexpr std::size_t gets_per_turn = 5'000;
constexpr std::size_t gets_per_thread = 100'000;
constexpr std::size_t most_threads = 2;
constexpr std::size_t keys_per_commit = 16;

using Files = std::shared_ptr<FilledFiles>;

Sample time_snapshots(auto&& begin_and_end) {
  const Stopwatch watch;
  for (std::size_t count = 0; count < snapshots_per_round; ++count) begin_and_end();
  return watch.stop(snapshots_per_round);
}

Row snapshot_row(const Files& files) {
  return {.name = "begin and end a snapshot",
          .unit = "snapshot",
          .operations = snapshots_per_round,
          .target = 1,
          .lmdb =
              [=](std::uint64_t) {
                LmdbTransaction txn(files->lmdb(), LmdbAccess::read_only);
                return time_snapshots([&] { txn.renew(); });
              },
          .typed =
              [=](std::uint64_t) {
                const quire::Storage& storage = files->quire().storage();
                return time_snapshots([&] { static_cast<void>(storage.snapshot().value()); });
              },
          .engine =
              [=](std::uint64_t) {
                const quire::Database& database = files->quire().database();
                return time_snapshots([&] { static_cast<void>(database.snapshot().value()); });
              }};
}

/// The store, whose pages are all mapped and verified before the first turn.
QuireStore& warm_store(const Files& files, std::uint64_t turn) {
  QuireStore& store = files->quire();
  if (turn == 0) static_cast<void>(scan_typed(store));
  return store;
}

std::uint64_t stored_sum(const Keys& keys) {
  ValueMaker value;
  std::uint64_t sum = 0;
  for (const std::uint64_t key : keys) sum += front_of(value(key, 0).data());
  return sum;
}

/// The gets of a turn; front is as in time_gets.
Sample checked_gets(const Keys& keys, auto&& front) {
  Sample sample = time_gets(keys, front);
  sample.sum -= stored_sum(keys);
  return sample;
}

/// What a get costs more where it makes a pin of its own. inside and outside make the gets of a
/// turn on the given keys.
Contrast get_contrast(const Files& files, std::string name, auto inside, auto outside) {
  const auto way = [&](auto gets) {
    return Way{.operations = gets_per_turn, .side = [=](std::uint64_t turn) {
                 return gets(warm_store(files, turn), files->data().hits(turn, gets_per_turn));
               }};
  };
  return {.name = std::move(name),
          .unit = "get",
          .comparison = Comparison::added_time,
          .target = 25,
          .plain = way(std::move(inside)),
          .other = way(std::move(outside))};
}

Contrast typed_get_contrast(const Files& files) {
  return get_contrast(
      files, "get outside a snapshot, less get inside",
      [](QuireStore& store, const Keys& keys) {
        const auto snapshot = store.storage().snapshot().value();
        const auto table = snapshot.table(store.table());
        return checked_gets(keys, [&](std::uint64_t key) { return typed_front(table, key); });
      },
      [](QuireStore& store, const Keys& keys) {
        const QuireStore::Table& table = store.table();
        return checked_gets(keys, [&](std::uint64_t key) { return typed_front(table, key); });
      });
}

/// The same below the typed API, where a get inside a snapshot makes no pin of its own.
Contrast engine_get_contrast(const Files& files) {
  return get_contrast(
      files, "its engine's get outside, less get inside",
      [](const QuireStore& store, const Keys& keys) {
        const quire::Snapshot snapshot = store.database().snapshot().value();
        const quire::TreeRoot root = store.root_in(snapshot);
        return checked_gets(keys, [&](std::uint64_t key) {
          const auto found = snapshot.get(root, SortableKey(key).bytes()).value();
          return found ? front_of(found->data()) : 0;
        });
      },
      [](const QuireStore& store, const Keys& keys) {
        return checked_gets(keys, [&](std::uint64_t key) {
          const auto found = store.get(key);
          return found ? front_of(found->bytes.data()) : 0;
        });
      });
}

/// Gets in so many threads at once, each on keys of its own. The time is that from when all are
/// ready until the last is done, the CPU time that of a thread on average.
Sample threaded_gets(const Files& files, std::uint64_t turn, std::size_t threads) {
  const QuireStore::Table& table = warm_store(files, turn).table();
  std::vector<Keys> keys;
  keys.reserve(threads);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    keys.push_back(files->data().hits(turn * most_threads + thread, gets_per_thread));
  }
  std::vector<Sample> samples(threads);
  const auto read = [&](std::size_t thread) {
    samples[thread] =
        time_gets(keys[thread], [&](std::uint64_t key) { return typed_front(table, key); });
  };
  std::latch ready(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::jthread> others;
  for (std::size_t thread = 1; thread < threads; ++thread) {
    others.emplace_back([&, thread] {
      ready.arrive_and_wait();
      read(thread);
    });
  }
  ready.arrive_and_wait();
  const Stopwatch watch;
  read(0);
  others.clear();
  Sample all = watch.stop(0);
  all.cpu_seconds = 0;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    all.cpu_seconds += samples[thread].cpu_seconds / static_cast<double>(threads);
    all.sum += samples[thread].sum - stored_sum(keys[thread]);
  }
  return all;
}

/// While it lives, a thread makes one small buffered commit after the other.
class BusyWriter {
 public:
  explicit BusyWriter(const Files& files)
      : thread_([this, files](const std::stop_token& stop) {
          for (std::uint64_t number = 0; !stop.stop_requested(); ++number) {
            commit(files->quire(), files->data().scattered(number, keys_per_commit));
            if (number == 0) has_begun_.count_down();
          }
        }) {
    has_begun_.wait();
  }

 private:
  static void commit(QuireStore& store, const Keys& keys) {
    ValueMaker value;
    auto txn = store.storage().begin_write().value();
    auto table = txn.table(store.table());
    for (const std::uint64_t key : keys) table.put(key, value(key, 0)).value();
    std::move(txn).commit(quire::Durability::buffered).value();
  }

  std::latch has_begun_{1};
  std::jthread thread_;  // last: what it uses outlives it
};

Way reading_threads(const Files& files, std::size_t threads) {
  return {.operations = static_cast<double>(threads * gets_per_thread),
          .side = [=](std::uint64_t turn) { return threaded_gets(files, turn, threads); }};
}

Contrast two_readers_contrast(const Files& files) {
  return {.name = "reading threads, two over one",
          .unit = "get",
          .comparison = Comparison::speedup,
          .target = 1.9,
          .clock = Clock::wall,
          .plain = reading_threads(files, 1),
          .other = reading_threads(files, most_threads)};
}

/// One reader, so that two processors are enough for both.
Contrast reader_and_writer_contrast(const Files& files) {
  return {.name = "reading threads, one beside a writer over one alone",
          .unit = "get",
          .comparison = Comparison::speedup,
          .target = {},
          .clock = Clock::wall,
          .plain = reading_threads(files, 1),
          .other = {.operations = gets_per_thread, .side = [=](std::uint64_t turn) {
                      const BusyWriter writer(files);
                      return threaded_gets(files, turn, 1);
                    }}};
}

}  // namespace

std::vector<Row> snapshot_rows(const Setting& setting) {
  return {snapshot_row(std::make_shared<FilledFiles>(setting, "snapshots", LmdbSync::off))};
}

std::vector<Contrast> snapshot_contrasts(const Setting& setting) {
  const Files files = std::make_shared<FilledFiles>(setting, "contrasts", LmdbSync::off);
  return {typed_get_contrast(files), engine_get_contrast(files), two_readers_contrast(files),
          reader_and_writer_contrast(files)};
}

}  // namespace bench
