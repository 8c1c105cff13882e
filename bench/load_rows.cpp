// The loading rows: all entries into a new file, in transactions of 10,000, without sync (LMDB:
// MDB_NOSYNC; quire: buffered), in order of arrival or of keys. In key order LMDB is told so
// (MDB_APPEND); quire is not.
//
// Opening and creating the file is not timed, closing neither. The file's size is taken when it
// is closed. Every round checks by a scan that all entries arrived.
#include <filesystem>

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

Sample quire_load(const Setting& setting, const Keys& keys,
                  void (*fill)(QuireStore&, const Keys&)) {
  const std::string path = setting.directory + "/load.quire";
  return time_load(
      path, [&] { return QuireStore(path); }, [&](QuireStore& store) { fill(store, keys); },
      [](const QuireStore& store) { return scan_engine(store); });
}

Sample lmdb_load(const Setting& setting, const Keys& keys, unsigned flags) {
  const std::string path = setting.directory + "/load.lmdb";
  return time_load(
      path, [&] { return LmdbStore(path, LmdbSync::off, keys.size()); },
      [&](LmdbStore& store) { load(store, keys, flags); },
      [](const LmdbStore& store) { return scan(store); });
}

Row load_row(const Setting& setting, std::string name, const Keys& keys, unsigned flags) {
  return {.name = std::move(name),
          .unit = "put",
          .operations = static_cast<double>(keys.size()),
          .target = 1.5,
          .lmdb = [&, setting, flags](std::uint64_t) { return lmdb_load(setting, keys, flags); },
          .typed = [&, setting](std::uint64_t) { return quire_load(setting, keys, load_typed); },
          .engine = [&, setting](std::uint64_t) { return quire_load(setting, keys, load_engine); },
          .size_target = 1};
}

}  // namespace

std::vector<Row> load_rows(const Setting& setting) {
  return {
      load_row(setting, "random load", setting.data.random(), 0),
      load_row(setting, "sequential load (LMDB: MDB_APPEND)", setting.data.sorted(), MDB_APPEND)};
}

}  // namespace bench
