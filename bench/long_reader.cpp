// long-reader: what one long reader costs the file, in quire and in LMDB.
//
//   build/release/bench/long-reader --overwrites 1000 --directory build/bench_files
//
// Both engines' files hold the same entries. A snapshot (in LMDB a read transaction) of the first
// values is held while all entries are overwritten again and again, each time in one commit: a
// buffered one in quire, synced in the background as a storage's are by default, and one with
// MDB_NOSYNC in LMDB. After 1, 2, 5, 10, 20, 50 ... overwrites the sizes of the files are printed.
// LMDB is stopped before its file passes a limit.
//
// At the end the held snapshots must still show the first values in full, byte for byte.
//
// Exit status: 0 when they do, whatever the sizes; 1 when they do not, or an engine failed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "files.hpp"
#include "working_directory.hpp"

namespace bench {

namespace {

struct Arguments {
  std::uint64_t overwrites = 1'000;
  std::uint64_t entries = 100'000;
  std::uint64_t lmdb_limit = std::uint64_t{4} << 30;
  std::string directory = "build/bench-data";
};

/// Over all bytes of the values that it is given, in order.
class Checksum {
 public:
  void add(const void* value) noexcept {
    Value bytes;
    std::memcpy(bytes.data(), value, bytes.size());
    for (const std::uint8_t byte : bytes) sum_ = (sum_ ^ byte) * 0x100'0000'01B3;
  }
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }

 private:
  std::uint64_t sum_ = 0xCBF2'9CE4'8422'2325;
};

std::uint64_t first_checksum(const Keys& keys) {
  ValueMaker value;
  Checksum checksum;
  for (const std::uint64_t key : keys) checksum.add(value(key, 0).data());
  return checksum.sum();
}

/// A file's size over time.
class Curve {
 public:
  explicit Curve(std::string path) : path_(std::move(path)), first_(measure()), last_(first_) {}

  void take() {
    const std::uint64_t before = last_;
    last_ = measure();
    highest_ = std::max(highest_, last_);
    steepest_ = std::max(steepest_, last_ - std::min(before, last_));
  }
  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }
  [[nodiscard]] std::uint64_t highest() const noexcept { return highest_; }
  /// What the file may have come to after one more overwrite, as far as the past tells.
  [[nodiscard]] std::uint64_t next() const noexcept { return last_ + std::max(first_, steepest_); }

 private:
  [[nodiscard]] std::uint64_t measure() const { return std::filesystem::file_size(path_); }

  std::string path_;
  std::uint64_t first_;
  std::uint64_t last_;
  std::uint64_t highest_ = first_;
  std::uint64_t steepest_ = 0;
};

/// What a storage does by default.
quire::Options synced_in_background() {
  quire::Options options;
  options.background_sync = {.interval = std::chrono::seconds(1), .size = std::uint64_t{64} << 20};
  return options;
}

/// quire's file and the snapshot that is held.
class QuireSide {
 public:
  QuireSide(const std::string& path, const Keys& keys)
      : keys_(keys),
        store_(filled(path, keys)),
        held_(store_.storage().snapshot().value()),
        curve_(path) {}

  void overwrite(std::uint64_t version) {
    ValueMaker value;
    auto txn = store_.storage().begin_write().value();
    auto table = txn.table(store_.table());
    for (const std::uint64_t key : keys_) table.put(key, value(key, version)).value();
    std::move(txn).commit(quire::Durability::buffered).value();
    curve_.take();
  }
  [[nodiscard]] std::uint64_t held_checksum() {
    Checksum checksum;
    for (const auto& [key, value] : held_.table(store_.table()).range())
      checksum.add(value->data());
    return checksum.sum();
  }
  [[nodiscard]] const Curve& curve() const noexcept { return curve_; }
  [[nodiscard]] quire::Statistics statistics() { return store_.storage().statistics().value(); }

 private:
  static QuireStore filled(const std::string& path, const Keys& keys) {
    QuireStore store(path, synced_in_background());
    load_typed(store, keys);
    store.storage().sync().value();
    return store;
  }

  const Keys& keys_;
  QuireStore store_;
  quire::StorageSnapshot held_;
  Curve curve_;
};

/// LMDB's file and the read transaction that is held.
class LmdbSide {
 public:
  LmdbSide(const std::string& path, const Keys& keys, std::uint64_t limit)
      : keys_(keys),
        limit_(limit),
        store_(filled(path, keys, limit)),
        held_(store_, LmdbAccess::read_only),
        curve_(path) {}

  /// Nothing happens any more once the limit is near.
  void overwrite(std::uint64_t version) {
    is_stopped_ = is_stopped_ || curve_.next() > limit_;
    if (is_stopped_) return;
    ValueMaker value;
    LmdbTransaction txn(store_, LmdbAccess::read_write);
    for (const std::uint64_t key : keys_) txn.put(key, value(key, version));
    txn.commit();
    curve_.take();
  }
  [[nodiscard]] std::uint64_t held_checksum() const {
    LmdbCursor cursor(held_);
    Checksum checksum;
    for (auto entry = cursor.first(); entry; entry = cursor.next()) checksum.add(entry->value);
    return checksum.sum();
  }
  [[nodiscard]] const Curve& curve() const noexcept { return curve_; }
  [[nodiscard]] bool is_stopped() const noexcept { return is_stopped_; }

 private:
  static LmdbStore filled(const std::string& path, const Keys& keys, std::uint64_t limit) {
    LmdbStore store(path, LmdbSync::off, keys.size(), LmdbThreads::many_transactions);
    // The map is as large as the limit that is looked at before each overwrite, and one more.
    check_lmdb(::mdb_env_set_mapsize(store.environment(), limit + keys.size() * 2048),
               "mdb_env_set_mapsize");
    load(store, keys, MDB_APPEND);
    return store;
  }

  const Keys& keys_;
  std::uint64_t limit_;
  LmdbStore store_;
  LmdbTransaction held_;
  Curve curve_;
  bool is_stopped_ = false;
};

/// 1, 2, 5, 10, 20, 50 ... and the last one.
bool is_shown(std::uint64_t overwrite, std::uint64_t last) {
  std::uint64_t leading = overwrite;
  while (leading >= 10 && leading % 10 == 0) leading /= 10;
  return overwrite == last || leading == 1 || leading == 2 || leading == 5;
}

double megabytes(std::uint64_t size) { return static_cast<double>(size) / 1e6; }

void print_sizes(std::uint64_t overwrites, const QuireSide& quire, const LmdbSide& lmdb) {
  std::cout << fmt::format(
      "{:>10} {:>12.1f} {:>12}\n", overwrites, megabytes(quire.curve().last()),
      lmdb.is_stopped() ? "stopped" : fmt::format("{:.1f}", megabytes(lmdb.curve().last())));
  std::cout.flush();
}

void print_space(const quire::Statistics& statistics) {
  const auto size_of = [&](std::uint64_t pages) { return megabytes(pages * statistics.page_size); };
  std::cout << fmt::format(
      "Of quire's last {:.1f} MB, {:.1f} are free (in {} extents), {:.1f} dead but kept, {:.1f} "
      "the "
      "space log. {} syncs.\n",
      megabytes(statistics.file_size), size_of(statistics.free_pages), statistics.free_extents,
      size_of(statistics.pending_pages), size_of(statistics.log_pages), statistics.syncs);
}

void print_conclusion(const QuireSide& quire, const LmdbSide& lmdb) {
  const Curve& curve = quire.curve();
  const double excess = megabytes(curve.highest()) - 2 * megabytes(curve.first());
  std::cout << fmt::format(
      "Both snapshots still show the first values in full. LMDB's file came to {:.1f} MB{}.\n"
      "quire stayed below snapshot + live + X: at most {:.1f} MB = {:.1f} + {:.1f} + X, X = {:.1f} "
      "MB, {:.2f} times the live entries\n",
      megabytes(lmdb.curve().highest()), lmdb.is_stopped() ? " before it was stopped" : "",
      megabytes(curve.highest()), megabytes(curve.first()), megabytes(curve.first()), excess,
      excess / megabytes(curve.first()));
}

void check_held(QuireSide& quire, const LmdbSide& lmdb, const Keys& keys) {
  const std::uint64_t expected = first_checksum(keys);
  if (quire.held_checksum() != expected) throw std::runtime_error("quire's snapshot has changed");
  if (lmdb.held_checksum() != expected) throw std::runtime_error("LMDB's snapshot has changed");
}

void run(const Arguments& arguments) {
  const Data data(arguments.entries);
  const Keys& keys = data.sorted();
  const WorkingDirectory directory(arguments.directory, "long-reader-stores");
  QuireSide quire(directory.path() + "/held.quire", keys);
  LmdbSide lmdb(directory.path() + "/held.lmdb", keys, arguments.lmdb_limit);
  std::cout << fmt::format(
      "{} entries of 8 + 100 bytes, overwritten by one commit each time while a snapshot is held\n"
      "{:>10} {:>12} {:>12}\n",
      keys.size(), "overwrites", "quire, MB", "LMDB, MB");
  print_sizes(0, quire, lmdb);
  for (std::uint64_t number = 1; number <= arguments.overwrites; ++number) {
    quire.overwrite(number);
    lmdb.overwrite(number);
    if (is_shown(number, arguments.overwrites)) print_sizes(number, quire, lmdb);
  }
  check_held(quire, lmdb, keys);
  print_space(quire.statistics());
  print_conclusion(quire, lmdb);
}

}  // namespace

}  // namespace bench

int main(int argument_count, char** argument_values) {
  bench::Arguments arguments;
  CLI::App app("Shows what a long reader costs the file, in quire and in LMDB.", "long-reader");
  app.add_option("--overwrites", arguments.overwrites, "how often all entries are overwritten")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--entries", arguments.entries, "entries of 8 + 100 bytes in each file")
      ->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--lmdb-limit", arguments.lmdb_limit, "bytes that LMDB's file may take, as 4GiB")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--directory", arguments.directory, "where the files go: on a real disk");
  CLI11_PARSE(app, argument_count, argument_values);
  try {
    bench::run(arguments);
  } catch (const std::exception& failure) {
    std::cerr << "long-reader: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
