// The loading rows: all entries into a new file, in transactions of 10,000, without sync, in order
// of arrival or of keys. In key order LMDB is told so (MDB_APPEND); quire is not.
//
// Without sync means MDB_NOSYNC for LMDB, which then promises nothing after a power cut, and
// buffered commits for quire. By default these are synced after each GiB written, and the newest
// durable state is kept on the disk until the next sync, which takes space; a row of its own shows
// that. The others never sync, like LMDB.
//
// Opening and creating the file is not timed, closing neither. The file's size is taken when it
// is closed. Every round checks by a scan that all entries arrived.
#include <filesystem>
#include <limits>

#include "files.hpp"
#include "rows.hpp"

namespace bench {

namespace {

/// Fills a new file and takes its size. Make opens the store, load fills it, sum scans it.
Sample time_load(const std::string& path, auto&& make, auto&& fill, auto&& sum) {
  remove_files(path);
  Sample sample;
  {
    auto store = make();
    const Stopwatch watch;
    fill(store);
    sample = watch.stop(0);
    sample.sum = sum(store);
  }
  sample.file_size = std::filesystem::file_size(path);
  remove_files(path);
  return sample;
}

Sample quire_load(const Setting& setting, const Keys& keys, const quire::Options& options,
                  void (*fill)(QuireStore&, const Keys&)) {
  const std::string path = setting.directory + "/load.quire";
  return time_load(
      path, [&] { return QuireStore(path, options); },
      [&](QuireStore& store) { fill(store, keys); },
      [](const QuireStore& store) { return scan_engine(store); });
}

Sample lmdb_load(const Setting& setting, const Keys& keys, unsigned flags) {
  const std::string path = setting.directory + "/load.lmdb";
  return time_load(
      path, [&] { return LmdbStore(path, LmdbSync::off, keys.size()); },
      [&](LmdbStore& store) { load(store, keys, flags); },
      [](const LmdbStore& store) { return scan(store); });
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
          .lmdb = [setting,
                   kind](std::uint64_t) { return lmdb_load(setting, kind.keys, kind.lmdb_flags); },
          .typed =
              [setting, kind](std::uint64_t) {
                return quire_load(setting, kind.keys, kind.options, load_typed);
              },
          .engine =
              [setting, kind](std::uint64_t) {
                return quire_load(setting, kind.keys, kind.options, load_engine);
              },
          .size_target = kind.size_target};
}

}  // namespace

std::vector<Row> load_rows(const Setting& setting) {
  quire::Options never_synced;
  never_synced.sync_after = std::numeric_limits<std::uint64_t>::max() / 2;
  const Keys& random = setting.data.random();
  const Keys& sorted = setting.data.sorted();
  return {load_row(setting, {.name = "random load",
                             .keys = random,
                             .lmdb_flags = 0,
                             .options = never_synced,
                             .target = 1.5,
                             .size_target = 1}),
          load_row(setting, {.name = "sequential load",
                             .keys = sorted,
                             .lmdb_flags = MDB_APPEND,
                             .options = never_synced,
                             .target = 1.5,
                             .size_target = 1}),
          load_row(setting, {.name = "random load, synced by default",
                             .keys = random,
                             .lmdb_flags = 0,
                             .options = {},
                             .target = untargeted,
                             .size_target = untargeted})};
}

}  // namespace bench
