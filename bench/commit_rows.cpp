// The rows about commits. The durable ones: 1, 16 or 256 scattered keys overwritten in one commit
// that waits for the disk, by default flags in LMDB and by default durability in quire. The commits
// are made by one thread, or come from eight at once. The others wait for nothing: NOSYNC in LMDB,
// and in quire what the row says. Of recorded ones quire has a redo log, and writes all pages that
// it owes, and syncs them, before the clock stops.
//
// By default quire syncs buffered commits after each GiB written, and writes resident ones when
// their pages take 256 MiB; rows of their own show that. In the others without a log nothing is
// synced, as in LMDB, and the pages of resident ones are in memory already, as LMDB's are in the
// system's cache.
//
// Several keys of a commit are a WriteBatch in quire, which sorts them and asks for their leaves at
// the same time; its engine, beside it, puts one after the other in a transaction, as LMDB does.
//
// All sides write the same values to the same keys and read them back after the clock was stopped.
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "files.hpp"
#include "rows.hpp"

namespace bench {

namespace {

using Files = std::shared_ptr<FilledFiles>;

struct Batches {
  std::size_t commits;
  std::size_t keys_each;
  std::size_t threads = 1;
  quire::Durability durability = quire::Durability::full;
  bool is_recorded = false;
  bool begins_in_memory = false;  ///< all leaves are, before the first round that counts
};

/// Commits the keys in batches; write stores and commits one of them, sum looks them up again. Each
/// thread has every so manieth batch; threads wait for the disk as the calling one does. In the end
/// what was put off is done.
Sample time_commits(const Keys& keys, const Batches& batches, auto&& write, auto&& settle,
                    auto&& sum) {
  const auto write_every = [&](std::size_t first) {
    ValueMaker value;
    for (std::size_t batch = first; batch < batches.commits; batch += batches.threads)
      write(std::span(keys).subspan(batch * batches.keys_each, batches.keys_each), value);
  };
  const Stopwatch watch;
  {
    std::vector<std::jthread> others;
    for (std::size_t thread = 1; thread < batches.threads; ++thread)
      others.emplace_back(write_every, thread);
    write_every(0);
  }
  settle();
  Sample sample = watch.stop(0);
  sample.sum = sum();
  return sample;
}

Sample lmdb_commits(LmdbStore& store, const Keys& keys, const Batches& batches,
                    std::uint64_t version) {
  return time_commits(
      keys, batches,
      [&](std::span<const std::uint64_t> batch, ValueMaker& value) {
        LmdbTransaction txn(store, LmdbAccess::read_write);
        for (const std::uint64_t key : batch) txn.put(key, value(key, version));
        txn.commit();
      },
      [] {},
      [&] {
        LmdbTransaction txn(store, LmdbAccess::read_only);
        std::uint64_t sum = 0;
        for (const std::uint64_t key : keys) sum += front_of(txn.get(key));
        return sum;
      });
}

Sample typed_commits(QuireStore& store, const Keys& keys, const Batches& batches,
                     std::uint64_t version) {
  return time_commits(
      keys, batches,
      [&](std::span<const std::uint64_t> batch, ValueMaker& value) {
        if (batch.size() == 1) {
          const std::uint64_t key = batch.front();
          store.table().put(key, value(key, version), batches.durability).value();
          return;
        }
        auto edits = store.storage().batch();
        for (const std::uint64_t key : batch)
          edits.put(store.table(), key, value(key, version)).value();
        edits.commit(batches.durability).value();
      },
      [&] {
        if (batches.is_recorded) store.write_all(keys.back());
      },
      [&] {
        std::uint64_t sum = 0;
        for (const std::uint64_t key : keys) {
          sum += front_of((*store.table().get(key).value())->data());
        }
        return sum;
      });
}

Sample engine_commits(QuireStore& store, const Keys& keys, const Batches& batches,
                      std::uint64_t version) {
  return time_commits(
      keys, batches,
      [&](std::span<const std::uint64_t> batch, ValueMaker& value) {
        if (batch.size() == 1) {
          store.put_alone(batch.front(), value(batch.front(), version), batches.durability);
          return;
        }
        auto txn = store.database().begin_write().value();
        for (const std::uint64_t key : batch) store.put(txn, key, value(key, version));
        std::move(txn).commit(batches.durability).value();
      },
      [&] {
        if (batches.is_recorded) store.write_all(keys.back());
      },
      [&] {
        std::uint64_t sum = 0;
        for (const std::uint64_t key : keys) sum += front_of(store.get(key)->bytes.data());
        return sum;
      });
}

/// Overwrites a key of every leaf, and more.
void take_into_memory(QuireStore& store, const Data& data) {
  constexpr std::size_t step = 8;
  ValueMaker value;
  auto txn = store.storage().begin_write().value();
  auto table = txn.table(store.table());
  for (std::size_t at = 0; at < data.sorted().size(); at += step)
    table.put(data.sorted()[at], value(data.sorted()[at], 0)).value();
  std::move(txn).commit(quire::Durability::resident).value();
}

Row commit_row(const Files& files, std::string name, Batches batches, double target) {
  // Keys and versions differ from row to row, so that no row finds its values there already.
  const auto version = [batches](std::uint64_t round) {
    const auto durability = static_cast<std::uint64_t>(batches.durability);
    const std::uint64_t kind = durability + (batches.is_recorded ? 5 : 0);
    return ((round * 10 + kind) * 10 + batches.threads) * 1'000 + batches.keys_each;
  };
  const auto keys = [files, batches, version](std::uint64_t round) {
    return files->data().scattered(version(round), batches.commits * batches.keys_each);
  };
  return {.name = std::move(name),
          .unit = "commit",
          .operations = static_cast<double>(batches.commits),
          .target = target,
          .clock = Clock::wall,
          .lmdb =
              [=](std::uint64_t round) {
                return lmdb_commits(files->lmdb(), keys(round), batches, version(round));
              },
          .typed =
              [=](std::uint64_t round) {
                if (batches.begins_in_memory && round == 0)
                  take_into_memory(files->quire(), files->data());
                return typed_commits(files->quire(), keys(round), batches, version(round));
              },
          .engine =
              [=](std::uint64_t round) {
                return engine_commits(files->quire(), keys(round), batches, version(round));
              }};
}

}  // namespace

std::vector<Row> commit_rows(const Setting& setting) {
  const auto files = std::make_shared<FilledFiles>(setting, "commits", LmdbSync::on);
  const auto unsynced =
      std::make_shared<FilledFiles>(setting, "unsynced", LmdbSync::off, never_synced());
  quire::Options in_memory = never_synced();
  in_memory.memory_budget = std::uint64_t{8} << 30;
  const auto resident =
      std::make_shared<FilledFiles>(setting, "resident", LmdbSync::off, in_memory);
  const auto usual = std::make_shared<FilledFiles>(setting, "unsynced-usual", LmdbSync::off);
  const quire::Options with_log{.redo_log_size = std::uint64_t{8} << 20};
  const auto recorded = std::make_shared<FilledFiles>(setting, "recorded", LmdbSync::on, with_log);
  const auto unsynced_recorded =
      std::make_shared<FilledFiles>(setting, "unsynced-recorded", LmdbSync::off, with_log);
  return {
      commit_row(files, "durable commit, 1 key", {.commits = 200, .keys_each = 1}, 1.8),
      commit_row(files, "durable commit, 1 key, 8 threads",
                 {.commits = 800, .keys_each = 1, .threads = 8}, 6),
      commit_row(files, "durable commit, 16 keys", {.commits = 40, .keys_each = 16}, 5),
      commit_row(files, "durable commit, 256 keys", {.commits = 8, .keys_each = 256}, 10),
      commit_row(recorded, "recorded commit, 1 key",
                 {.commits = 1'000, .keys_each = 1, .is_recorded = true}, 1.8),
      commit_row(recorded, "recorded commit, 1 key, 8 threads",
                 {.commits = 2'000, .keys_each = 1, .threads = 8, .is_recorded = true}, 6),
      commit_row(recorded, "recorded commit, 16 keys",
                 {.commits = 400, .keys_each = 16, .is_recorded = true}, 5),
      commit_row(recorded, "recorded commit, 256 keys",
                 {.commits = 64, .keys_each = 256, .is_recorded = true}, 10),
      commit_row(unsynced_recorded, "recorded buffered commit, 1 key",
                 {.commits = 20'000,
                  .keys_each = 1,
                  .durability = quire::Durability::buffered,
                  .is_recorded = true},
                 5),
      commit_row(unsynced_recorded, "recorded buffered commit, 100 keys",
                 {.commits = 500,
                  .keys_each = 100,
                  .durability = quire::Durability::buffered,
                  .is_recorded = true},
                 4),
      commit_row(unsynced, "buffered commit, 1 key",
                 {.commits = 5'000, .keys_each = 1, .durability = quire::Durability::buffered}, 5),
      commit_row(unsynced, "buffered commit, 100 keys",
                 {.commits = 200, .keys_each = 100, .durability = quire::Durability::buffered}, 4),
      commit_row(resident, "resident commit, 1 key",
                 {.commits = 5'000,
                  .keys_each = 1,
                  .durability = quire::Durability::resident,
                  .begins_in_memory = true},
                 25),
      commit_row(resident, "resident commit, 100 keys",
                 {.commits = 200,
                  .keys_each = 100,
                  .durability = quire::Durability::resident,
                  .begins_in_memory = true},
                 5),
      commit_row(usual, "buffered commit, 100 keys, synced by default",
                 {.commits = 2'000, .keys_each = 100, .durability = quire::Durability::buffered},
                 untargeted),
      commit_row(usual, "resident commit, 100 keys, in the usual memory",
                 {.commits = 2'000, .keys_each = 100, .durability = quire::Durability::resident},
                 untargeted)};
}

}  // namespace bench
