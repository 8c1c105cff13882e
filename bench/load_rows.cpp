// The loading rows: all entries into a new file, in transactions of 10,000, without sync, in order
// of arrival or of keys; and half of them out again, in any order. In key order LMDB is told so
// (MDB_APPEND); quire is not.
//
// Without sync means MDB_NOSYNC for LMDB, which then promises nothing after a power cut, and
// buffered commits for quire. By default these are synced after each GiB written, and the newest
// durable state is kept on the disk until the next sync, which takes space; a row of its own shows
// that. The others never sync, like LMDB.
//
// Opening and creating the file is not timed, closing neither. The file's size is taken when it
// is closed. Every round checks by a scan that all entries arrived.
#include <filesystem>
#include <span>

#include "files.hpp"
#include "rows.hpp"

namespace bench {

namespace {

/// Changes a new file and takes its size. Make opens the store, prepare fills it beforehand, change
/// is timed, sum scans it.
Sample time_change(const std::string& path, auto&& make, auto&& prepare, auto&& change,
                   auto&& sum) {
  remove_files(path);
  Sample sample;
  {
    auto store = make();
    prepare(store);
    const Stopwatch watch;
    change(store);
    sample = watch.stop(0);
    sample.sum = sum(store);
  }
  sample.file_size = std::filesystem::file_size(path);
  remove_files(path);
  return sample;
}

constexpr auto leave_empty = [](auto& /*store*/) {};

Sample change_quire(const Setting& setting, const quire::Options& options, auto&& prepare,
                    auto&& change) {
  const std::string path = setting.directory + "/load.quire";
  return time_change(
      path, [&] { return QuireStore(path, options); }, prepare, change,
      [](const QuireStore& store) { return scan_engine(store); });
}

Sample change_lmdb(const Setting& setting, auto&& prepare, auto&& change) {
  const std::string path = setting.directory + "/load.lmdb";
  return time_change(
      path, [&] { return LmdbStore(path, LmdbSync::off, setting.data.random().size()); }, prepare,
      change, [](const LmdbStore& store) { return scan(store); });
}

/// How a row differs from the others.
struct Kind {
  std::string name;
  const Keys& keys;
  unsigned lmdb_flags;
  quire::Options options;
  double target;
  double size_target;
};

Row load_row(const Setting& setting, const Kind& kind) {
  return {.name = kind.name,
          .unit = "put",
          .operations = static_cast<double>(kind.keys.size()),
          .target = kind.target,
          .lmdb =
              [setting, kind](std::uint64_t) {
                return change_lmdb(setting, leave_empty, [&](LmdbStore& store) {
                  load(store, kind.keys, kind.lmdb_flags);
                });
              },
          .typed =
              [setting, kind](std::uint64_t) {
                return change_quire(setting, kind.options, leave_empty,
                                    [&](QuireStore& store) { load_typed(store, kind.keys); });
              },
          .engine =
              [setting, kind](std::uint64_t) {
                return change_quire(setting, kind.options, leave_empty,
                                    [&](QuireStore& store) { load_engine(store, kind.keys); });
              },
          .size_target = kind.size_target};
}

// ---- Removals

Row removal_row(const Setting& setting) {
  const std::span<const std::uint64_t> half =
      std::span(setting.data.random()).first(setting.data.random().size() / 2);
  const auto remove_from_lmdb = [half](LmdbStore& store) {
    in_batches(half, [&](std::span<const std::uint64_t> batch) {
      LmdbTransaction txn(store, LmdbAccess::read_write);
      for (const std::uint64_t key : batch) txn.erase(key);
      txn.commit();
    });
  };
  const auto remove_from_quire = [half](QuireStore& store) {
    in_batches(half, [&](std::span<const std::uint64_t> batch) {
      auto txn = store.storage().begin_write().value();
      auto table = txn.table(store.table());
      for (const std::uint64_t key : batch) table.erase(key).value();
      std::move(txn).commit(quire::Durability::buffered).value();
    });
  };
  return {.name = "removing half at random",
          .unit = "removal",
          .operations = static_cast<double>(half.size()),
          .target = 2,
          .lmdb =
              [=](std::uint64_t) {
                return change_lmdb(
                    setting, [&](LmdbStore& store) { load(store, setting.data.random(), 0); },
                    remove_from_lmdb);
              },
          .typed =
              [=](std::uint64_t) {
                return change_quire(
                    setting, never_synced(),
                    [&](QuireStore& store) { load_typed(store, setting.data.random()); },
                    remove_from_quire);
              },
          .engine = {}};
}

}  // namespace

std::vector<Row> load_rows(const Setting& setting) {
  const Keys& random = setting.data.random();
  const Keys& sorted = setting.data.sorted();
  return {load_row(setting, {.name = "random load",
                             .keys = random,
                             .lmdb_flags = 0,
                             .options = never_synced(),
                             .target = 2,
                             .size_target = 0.85}),
          load_row(setting, {.name = "sequential load",
                             .keys = sorted,
                             .lmdb_flags = MDB_APPEND,
                             .options = never_synced(),
                             .target = 2,
                             .size_target = 1}),
          load_row(setting, {.name = "random load, synced by default",
                             .keys = random,
                             .lmdb_flags = 0,
                             .options = {},
                             .target = untargeted,
                             .size_target = untargeted}),
          removal_row(setting)};
}

}  // namespace bench
