// The durable rows: 1, 16 or 256 scattered keys overwritten in one commit that waits for the disk,
// by default flags in LMDB and by default durability in quire.
//
// All sides write the same values to the same keys and read them back after the clock was stopped.
#include <memory>
#include <span>

#include "files.hpp"
#include "rows.hpp"

namespace bench {

namespace {

using Files = std::shared_ptr<FilledFiles>;

struct Batches {
  std::size_t commits;
  std::size_t keys_each;
};

/// Commits the keys in batches; write stores and commits one of them, find gives a value's bytes.
Sample time_commits(const Keys& keys, std::size_t keys_each, auto&& write, auto&& sum) {
  const Stopwatch watch;
  for (std::size_t begin = 0; begin < keys.size(); begin += keys_each) {
    write(std::span(keys).subspan(begin, keys_each));
  }
  Sample sample = watch.stop(0);
  sample.sum = sum();
  return sample;
}

Sample lmdb_commits(LmdbStore& store, const Keys& keys, std::size_t keys_each,
                    std::uint64_t version) {
  ValueMaker value;
  return time_commits(
      keys, keys_each,
      [&](std::span<const std::uint64_t> batch) {
        LmdbTransaction txn(store, LmdbAccess::read_write);
        for (const std::uint64_t key : batch) txn.put(key, value(key, version));
        txn.commit();
      },
      [&] {
        LmdbTransaction txn(store, LmdbAccess::read_only);
        std::uint64_t sum = 0;
        for (const std::uint64_t key : keys) sum += front_of(txn.get(key));
        return sum;
      });
}

Sample typed_commits(QuireStore& store, const Keys& keys, std::size_t keys_each,
                     std::uint64_t version) {
  ValueMaker value;
  return time_commits(
      keys, keys_each,
      [&](std::span<const std::uint64_t> batch) {
        auto txn = store.storage().begin_write().value();
        auto table = txn.table(store.table());
        for (const std::uint64_t key : batch) table.put(key, value(key, version)).value();
        std::move(txn).commit().value();
      },
      [&] {
        std::uint64_t sum = 0;
        for (const std::uint64_t key : keys) {
          sum += front_of((*store.table().get(key).value())->data());
        }
        return sum;
      });
}

Row commit_row(const Files& files, std::string name, Batches batches, double target) {
  const std::size_t each = batches.keys_each;
  // Keys and versions differ from row to row, so that no row finds its values there already.
  const auto keys = [files, batches](std::uint64_t round) {
    return files->data().scattered(round * 1'000 + batches.keys_each,
                                   batches.commits * batches.keys_each);
  };
  const auto version = [each](std::uint64_t round) { return round * 1'000 + each; };
  return {.name = std::move(name),
          .unit = "commit",
          .operations = static_cast<double>(batches.commits),
          .target = target,
          .clock = Clock::wall,
          .lmdb =
              [=](std::uint64_t round) {
                return lmdb_commits(files->lmdb(), keys(round), each, version(round));
              },
          .typed =
              [=](std::uint64_t round) {
                return typed_commits(files->quire(), keys(round), each, version(round));
              },
          .engine = {}};
}

}  // namespace

std::vector<Row> commit_rows(const Setting& setting) {
  const Files files = std::make_shared<FilledFiles>(setting, "commits", LmdbSync::on);
  return {commit_row(files, "durable commit, 1 key", {.commits = 200, .keys_each = 1}, 1.5),
          commit_row(files, "durable commit, 16 keys", {.commits = 40, .keys_each = 16}, 3),
          commit_row(files, "durable commit, 256 keys", {.commits = 8, .keys_each = 256}, 3)};
}

}  // namespace bench
