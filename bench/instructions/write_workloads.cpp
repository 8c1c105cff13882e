// What is written: puts alone and by the hundred, removals, and loads.
#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store.hpp"
#include "workload.hpp"

namespace bench {

namespace {

using quire::Durability;

constexpr std::size_t lone_puts = 1'000;
constexpr std::size_t small_batch = 100;
constexpr std::size_t small_batches = 20;
constexpr std::size_t large_batch = 10'000;
constexpr std::size_t loaded = 3 * large_batch;

/// Calls edit for each key, in transactions of so many.
std::uint64_t in_transactions(auto& store, const auto& keys, std::size_t batch,
                              Durability durability, const auto& edit) {
  std::uint64_t pages = 0;
  for (std::size_t begin = 0; begin < keys.size(); begin += batch) {
    auto txn = store.storage.begin_write().value();
    auto table = txn.table(store.table);
    for (const auto& key : std::span(keys).subspan(begin, batch)) edit(table, key);
    pages += std::move(txn).commit(durability).value().pages_written;
  }
  return pages;
}

/// Puts of the keys into the store; version tells the values from those that are there.
Work puts(std::shared_ptr<ValueStore> store, Keys keys, std::size_t batch, Durability durability) {
  return [=, value = ValueMaker()]() mutable {
    return in_transactions(*store, keys, batch, durability, [&](auto& table, std::uint64_t key) {
      table.put(key, value(key, 1)).value();
    });
  };
}

Workload lone_put_workload(std::string name, Durability durability) {
  return {std::move(name), lone_puts, [=]() -> Work {
            return [=, store = make_filled(data().random()), keys = data().scattered(1, lone_puts),
                    value = ValueMaker()]() mutable {
              for (const std::uint64_t key : keys)
                store->table.put(key, value(key, 1), durability).value();
              return keys.size();
            };
          }};
}

Workload batch_workload(std::string name, Durability durability) {
  constexpr std::size_t count = small_batches * small_batch;
  return {std::move(name), count, [=] {
            return puts(make_filled(data().random()), data().scattered(1, count), small_batch,
                        durability);
          }};
}

/// Into an empty table.
Workload load_workload(std::string name, const Keys& keys) {
  return {std::move(name), loaded, [&keys] {
            Keys first(keys.begin(), keys.begin() + loaded);
            return puts(std::make_shared<ValueStore>(), std::move(first), large_batch,
                        Durability::buffered);
          }};
}

/// The same under texts, in the order of these or not.
Workload text_load_workload(std::string name, bool is_sorted) {
  return {std::move(name), loaded, [is_sorted]() -> Work {
            std::vector<std::string> keys;
            keys.reserve(loaded);
            for (const std::uint64_t key : std::span(data().random()).first(loaded))
              keys.push_back(address(key));
            if (is_sorted) std::sort(keys.begin(), keys.end());
            return [store = std::make_shared<Store<std::string, Value>>(), keys = std::move(keys),
                    value = ValueMaker()]() mutable {
              return in_transactions(*store, keys, large_batch, Durability::buffered,
                                     [&](auto& table, const std::string& key) {
                                       table.put(key, value(key.size(), 1)).value();
                                     });
            };
          }};
}

Workload erase_workload() {
  return {"erase, 10,000 a transaction", loaded, []() -> Work {
            return [store = make_filled(data().random()), keys = data().scattered(1, loaded)] {
              return in_transactions(
                  *store, keys, large_batch, Durability::buffered,
                  [](auto& table, std::uint64_t key) { table.erase(key).value(); });
            };
          }};
}

Workload bulk_load_workload(std::string name, const Keys& keys) {
  return {std::move(name), stored_entries, [&keys]() -> Work {
            std::vector<std::pair<std::uint64_t, Value>> entries;
            entries.reserve(keys.size());
            ValueMaker value;
            for (const std::uint64_t key : keys) entries.emplace_back(key, value(key, 0));
            return [entries = std::move(entries), store = std::make_shared<ValueStore>()] {
              return store->table.bulk_load(entries, {}, Durability::buffered).value();
            };
          }};
}

}  // namespace

std::vector<Workload> write_workloads() {
  return {lone_put_workload("put alone, buffered", Durability::buffered),
          lone_put_workload("put alone, resident", Durability::resident),
          lone_put_workload("put alone, durable", Durability::full),
          batch_workload("put, 100 a buffered transaction", Durability::buffered),
          batch_workload("put, 100 a resident transaction", Durability::resident),
          load_workload("load in key order, 10,000 a transaction", data().sorted()),
          load_workload("load at random, 10,000 a transaction", data().random()),
          text_load_workload("load of texts in key order", true),
          text_load_workload("load of texts at random", false),
          erase_workload(),
          bulk_load_workload("bulk_load in key order", data().sorted()),
          bulk_load_workload("bulk_load at random", data().random())};
}

}  // namespace bench
