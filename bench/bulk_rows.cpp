// The rows about many entries at once: what the tree counts, ranges that are erased, and loads of
// entries that are all there beforehand, in key order or not.
//
// A load: for LMDB keys in order are appended (MDB_APPEND), and others are sorted by the driver
// first, pointers to them, and appended then, which is the best that LMDB has. quire is not told
// the order. Loads and erasures are not synced (load_rows.cpp), and timed by the clock on the wall.
// What a range holds, or which entry is the n-th, is for LMDB a walk with a cursor.
#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "files.hpp"
#include "rows.hpp"

namespace bench {

namespace {

constexpr std::size_t scanning_threads = 2;

using Files = std::shared_ptr<FilledFiles>;

// ---- What the tree counts

/// From two fifths of the keys on a fifth of them.
struct Fifth {
  explicit Fifth(const Data& data)
      : from(data.sorted()[data.sorted().size() / 5 * 2]),
        to(data.sorted()[data.sorted().size() / 5 * 3]) {}
  std::uint64_t from;
  std::uint64_t to;
};

Row count_row(const Files& files) {
  return {.name = "count of a range, a fifth of all",
          .unit = "count",
          .target = 100,
          .clock = Clock::wall,
          .lmdb =
              [=](std::uint64_t) {
                const Fifth part(files->data());
                const LmdbTransaction txn(files->lmdb(), LmdbAccess::read_only);
                LmdbCursor cursor(txn);
                const Stopwatch watch;
                std::uint64_t count = 0;
                for (auto entry = cursor.seek(part.from);
                     entry && SortableKey::read(entry->key) < part.to; entry = cursor.next())
                  ++count;
                return watch.stop(count);
              },
          .typed =
              [=](std::uint64_t) {
                const Fifth part(files->data());
                const QuireStore::Table& table = files->quire().table();
                const Stopwatch watch;
                return watch.stop(table.count(part.from, part.to).value());
              },
          .engine = {}};
}

Row nth_row(const Files& files) {
  return {.name = "n-th entry, at two fifths of all",
          .unit = "look-up",
          .target = 100,
          .clock = Clock::wall,
          .lmdb =
              [=](std::uint64_t) {
                const LmdbTransaction txn(files->lmdb(), LmdbAccess::read_only);
                LmdbCursor cursor(txn);
                const Stopwatch watch;
                auto entry = cursor.first();
                for (std::uint64_t left = files->data().sorted().size() / 5 * 2; left > 0; --left)
                  entry = cursor.next();
                return watch.stop(front_of(entry->value));
              },
          .typed =
              [=](std::uint64_t) {
                const QuireStore::Table& table = files->quire().table();
                const Stopwatch watch;
                const auto entry = table.nth(files->data().sorted().size() / 5 * 2).value();
                return watch.stop(front_of(entry->value->data()));
              },
          .engine = {}};
}

// ---- Loads

struct Record {
  std::uint64_t key;
  Value value;
};
using Records = std::vector<Record>;

Records records_of(const Keys& keys) {
  Records records;
  records.reserve(keys.size());
  ValueMaker value_of;
  for (const std::uint64_t key : keys) records.push_back({key, value_of(key, 0)});
  return records;
}

enum class Order : std::uint8_t { sorted, any };

void append(LmdbTransaction& txn, const Record& record) {
  txn.put(record.key, record.value, MDB_APPEND);
}

void load_lmdb(const LmdbStore& store, const Records& records, Order order) {
  LmdbTransaction txn(store, LmdbAccess::read_write);
  if (order == Order::sorted) {
    for (const Record& record : records) append(txn, record);
  } else {
    std::vector<std::pair<std::uint64_t, const Record*>> sorted;
    sorted.reserve(records.size());
    for (const Record& record : records) sorted.emplace_back(record.key, &record);
    std::ranges::sort(sorted);
    for (const auto& [key, record] : sorted) append(txn, *record);
  }
  txn.commit();
}

/// Commits of which nothing is synced before the file is closed.
quire::Options unsynced() {
  quire::Options options = never_synced();
  options.durability = quire::Durability::buffered;
  return options;
}

/// Times work on a new store of either kind, which prepare() has filled, and read where the pages
/// are to be in the map already; keeps nothing.
template <class Make, class Prepare, class Work, class Sum>
Sample time_new(const std::string& path, Make make, Prepare prepare, Work work, Sum sum) {
  remove_files(path);
  Sample sample;
  {
    auto store = make(path);
    prepare(store);
    const Stopwatch watch;
    work(store);
    sample = watch.stop(0);
    sample.sum = sum(store);
  }
  remove_files(path);
  return sample;
}

using SharedRecords = std::shared_ptr<const Records>;

Sample lmdb_bulk(const Setting& setting, std::size_t entries, auto prepare, auto work) {
  return time_new(
      setting.directory + "/bulk.lmdb",
      [&](const std::string& path) { return LmdbStore(path, LmdbSync::off, entries); }, prepare,
      work, [](const LmdbStore& store) { return scan(store); });
}

Sample quire_bulk(const Setting& setting, auto prepare, auto work) {
  return time_new(
      setting.directory + "/bulk.quire",
      [](const std::string& path) { return QuireStore(path, unsynced()); }, prepare, work,
      [](const QuireStore& store) { return scan_engine(store); });
}

constexpr auto nothing = [](auto&) {};

/// Made when the row is first run, and gone with it.
class LazyRecords {
 public:
  LazyRecords(const Data& data, Order order) : data_(data), order_(order) {}
  const Records& get() {
    if (records_.empty())
      records_ = records_of(order_ == Order::sorted ? data_.sorted() : data_.random());
    return records_;
  }

 private:
  const Data& data_;
  Order order_;
  Records records_;
};

Row load_row(const Setting& setting, std::string name, Order order, double target) {
  const auto records = std::make_shared<LazyRecords>(setting.data, order);
  return {.name = std::move(name),
          .unit = "entry",
          .operations = static_cast<double>(setting.data.sorted().size()),
          .target = target,
          .clock = Clock::wall,
          .lmdb =
              [=](std::uint64_t) {
                const Records& all = records->get();
                return lmdb_bulk(setting, all.size(), nothing,
                                 [&](LmdbStore& store) { load_lmdb(store, all, order); });
              },
          .typed =
              [=](std::uint64_t) {
                const Records& all = records->get();
                return quire_bulk(setting, nothing,
                                  [&](QuireStore& store) { store.table().bulk_load(all).value(); });
              },
          .engine = {}};
}

// ---- Erasing a range

void erase_lmdb(const LmdbStore& store, const Data& data) {
  LmdbTransaction txn(store, LmdbAccess::read_write);
  LmdbCursor cursor(txn);
  const Fifth part(data);
  for (auto entry = cursor.seek(part.from); entry && SortableKey::read(entry->key) < part.to;
       entry = cursor.next())
    cursor.erase();
  cursor.close();
  txn.commit();
}

Row erase_row(const Setting& setting) {
  const auto records = std::make_shared<LazyRecords>(setting.data, Order::sorted);
  return {
      .name = "erasing a range, a fifth of all",
      .unit = "range",
      .target = 100,
      .clock = Clock::wall,
      .lmdb =
          [=](std::uint64_t) {
            const Records& all = records->get();
            return lmdb_bulk(
                setting, all.size(),
                [&](LmdbStore& store) {
                  load_lmdb(store, all, Order::sorted);
                  scan(store);
                },
                [&](LmdbStore& store) { erase_lmdb(store, setting.data); });
          },
      .typed =
          [=](std::uint64_t) {
            const Records& all = records->get();
            const Fifth part(setting.data);
            return quire_bulk(
                setting,
                [&](QuireStore& store) {
                  store.table().bulk_load(all).value();
                  scan_engine(store);
                },
                [&](QuireStore& store) { store.table().erase_range(part.from, part.to).value(); });
          },
      .engine = {}};
}

// ---- Scans by several threads

std::uint64_t sum_of(auto range) {
  std::uint64_t sum = 0;
  range.for_each([&](const auto& entry) { sum += entry.key ^ front_of(entry.value->data()); })
      .value();
  return sum;
}

/// Of parts of one range, one for each thread. The CPU time is that of a thread on average.
Sample threaded_scan(const Files& files, std::size_t threads) {
  const QuireStore::Table& table = files->quire().table();
  const Stopwatch watch;
  auto parts = table.range().split(threads).value();
  std::vector<std::uint64_t> sums(parts.size());
  {
    std::vector<std::jthread> others;
    for (std::size_t part = 1; part < parts.size(); ++part)
      others.emplace_back([&, part] { sums[part] = sum_of(std::move(parts[part])); });
    sums[0] = sum_of(std::move(parts[0]));
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  return watch.stop(sum);
}

Way scanning(const Files& files, std::size_t threads) {
  return {.operations = static_cast<double>(files->data().sorted().size()),
          .side = [=](std::uint64_t) { return threaded_scan(files, threads); }};
}

}  // namespace

std::vector<Row> bulk_rows(const Setting& setting) {
  const auto files = std::make_shared<FilledFiles>(setting, "bulk", LmdbSync::off);
  return {count_row(files), nth_row(files), erase_row(setting),
          load_row(setting, "bulk load of sorted entries", Order::sorted, 3),
          load_row(setting, "bulk load of unsorted entries", Order::any, 2)};
}

std::vector<Contrast> bulk_contrasts(const Setting& setting) {
  const auto files = std::make_shared<FilledFiles>(setting, "scans", LmdbSync::off);
  return {{.name = "scanning threads, two over one",
           .unit = "entry",
           .comparison = Comparison::speedup,
           .target = 1.8,
           .clock = Clock::wall,
           .plain = scanning(files, 1),
           .other = scanning(files, scanning_threads)}};
}

}  // namespace bench
