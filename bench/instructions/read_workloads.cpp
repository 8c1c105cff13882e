// What is read: single values of several kinds of keys and values, many, ranges, snapshots.
#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "store.hpp"
#include "workload.hpp"

namespace bench {

namespace {

constexpr std::size_t gets = 5'000;
constexpr std::size_t seeks = 300;
constexpr std::uint64_t snapshots = 10'000;
constexpr int entries_per_seek = 100;

using NumberStore = Store<std::uint64_t, std::uint64_t>;
using TextStore = Store<std::string, std::uint64_t>;
using ArchiveStore = Store<std::uint64_t, City, quire::RkyvFormat>;

/// What most of these workloads read.
std::shared_ptr<ValueStore> values() {
  static const std::shared_ptr<ValueStore> store = make_filled(data().random());
  return store;
}

/// Entries as small as they often are.
std::shared_ptr<NumberStore> numbers() {
  return make_filled<NumberStore>(data().random(),
                                  [](std::uint64_t key) { return std::pair(key, mix(key)); });
}

std::shared_ptr<TextStore> texts() {
  return make_filled<TextStore>(data().random(),
                                [](std::uint64_t key) { return std::pair(address(key), key); });
}

std::shared_ptr<ArchiveStore> archives() {
  return make_filled<ArchiveStore>(data().random(), [](std::uint64_t key) {
    return std::pair(key, City{"A city with a long name", {1, 2, 3}});
  });
}

// ---- Single values

/// What is read of a value that was found.
std::uint64_t front_of_value(const Value& value) { return front_of(value.data()); }
std::uint64_t front_of_value(std::uint64_t value) { return value; }
std::uint64_t front_of_value(const auto& archive) { return archive.name().size(); }

/// The sum over what a table, or a table in a snapshot, has under the keys.
std::uint64_t sum_of(const auto& table, const auto& keys) {
  std::uint64_t sum = 0;
  for (const auto& key : keys) {
    const auto found = table.get(key).value();
    sum += found ? front_of_value(**found) : 1;
  }
  return sum;
}

/// The same, once everything was touched. The table keeps its storage.
Work gets_of(const auto& table, const auto& keys) {
  sum_of(table, keys);
  return [=] { return sum_of(table, keys); };
}

Work gets_in_snapshot(const auto& store, const auto& keys) {
  return gets_of(store->storage.snapshot().value().table(store->table), keys);
}

Workload get_workload(std::string name, const auto& prepare) {
  return {std::move(name), gets, prepare};
}

std::vector<Workload> get_workloads() {
  return {get_workload("get", [] { return gets_in_snapshot(values(), data().hits(1, gets)); }),
          get_workload("get, nothing there",
                       [] { return gets_in_snapshot(values(), data().misses(1, gets)); }),
          get_workload("get, newest state each",
                       [] { return gets_of(values()->table, data().hits(1, gets)); }),
          get_workload("get of 8 bytes",
                       [] { return gets_in_snapshot(numbers(), data().hits(1, gets)); }),
          get_workload("get by a text",
                       [] {
                         std::vector<std::string> keys;
                         for (const std::uint64_t key : data().hits(1, gets))
                           keys.push_back(address(key));
                         return gets_in_snapshot(texts(), keys);
                       }),
          get_workload("get of an archive's field",
                       [] { return gets_in_snapshot(archives(), data().hits(1, gets)); }),
          // In single groups: between them a call looks at the clock, and valgrind makes all slow.
          get_workload("get_many", []() -> Work {
            return [keys = data().hits(1, gets)] {
              std::uint64_t sum = 0;
              for (std::span<const std::uint64_t> left(keys); !left.empty();) {
                const auto group = left.first(std::min(left.size(), quire::lookup_group_size));
                for (const auto& found : values()->table.get_many(group).value())
                  sum += front_of_value(**found);
                left = left.subspan(group.size());
              }
              return sum;
            };
          })};
}

// ---- Ranges

std::uint64_t front_of_key(std::uint64_t key) { return key; }
std::uint64_t front_of_key(const auto& key) { return key.size(); }

std::uint64_t scan_of(const auto& table) {
  std::uint64_t sum = 0;
  for (const auto& [key, value] : table.range()) sum += front_of_key(key) ^ front_of_value(*value);
  return sum;
}

Workload scan_workload(std::string name, const auto& make_store) {
  return {std::move(name), stored_entries, [make_store]() -> Work {
            return [store = make_store()] { return scan_of(store->table); };
          }};
}

std::uint64_t seek_of(const auto& table, std::uint64_t key) {
  std::uint64_t sum = 0;
  auto range = table.range_from(key);
  for (int step = 0; step < entries_per_seek; ++step) {
    const auto* const entry = range.next().value();
    if (entry == nullptr) break;
    sum += entry->key ^ front_of_value(*entry->value);
  }
  return sum;
}

Workload seek_workload() {
  return {"seek and 100 entries", seeks, []() -> Work {
            const auto snapshot = values()->storage.snapshot().value();
            return [table = snapshot.table(values()->table), keys = data().misses(1, seeks)] {
              std::uint64_t sum = 0;
              for (const std::uint64_t key : keys) sum += seek_of(table, key);
              return sum;
            };
          }};
}

// ---- Snapshots

Workload snapshot_workload() {
  return {"begin and end a snapshot", snapshots, []() -> Work {
            return [store = values()] {
              std::uint64_t sum = 0;
              for (std::uint64_t count = 0; count < snapshots; ++count)
                sum += store->storage.snapshot().value().txn().value;
              return sum;
            };
          }};
}

}  // namespace

std::vector<Workload> read_workloads() {
  std::vector<Workload> workloads = get_workloads();
  workloads.push_back(seek_workload());
  workloads.push_back(scan_workload("scan", values));
  workloads.push_back(scan_workload("scan of 8 bytes", numbers));
  workloads.push_back(scan_workload("scan by texts", texts));
  workloads.push_back(snapshot_workload());
  return workloads;
}

}  // namespace bench
