// The storages of the workloads: in memory, so that nothing of a file system is counted, and never
// synced by a thread of their own, which would come at times of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data.hpp"
#include "quire/formats/rkyv.hpp"
#include "quire/quire.hpp"

namespace bench {

/// The archive of which a field is read.
struct City {
  std::string name;
  std::vector<std::uint32_t> people;
};
QUIRE_DESCRIBE(City, name, people)

inline constexpr std::uint64_t stored_entries = 100'000;  ///< of a filled table

/// A storage of one table.
template <class K, class V, class ValueCodec = quire::DefaultValueFormat<V>>
struct Store {
  using Table = quire::Table<K, V, quire::DefaultKeyFormat<K>, ValueCodec>;

  quire::Storage storage = quire::StorageBuilder("counted")
                               .with_backend(quire::backend::memory)
                               .with_sharing(quire::Sharing::exclusive)
                               .with_background_sync({})
                               .build()
                               .value();
  Table table = storage.new_table<K, V>("entries").with_value_format(ValueCodec{}).build().value();
};

/// Keys that begin alike.
inline std::string address(std::uint64_t key) {
  return "https://www.example.org/articles/" + std::to_string(key);
}

using ValueStore = Store<std::uint64_t, Value>;

/// With what make_entry gives for each key, its pages as full as they get, each verified.
template <class Stored>
std::shared_ptr<Stored> make_filled(const Keys& keys, const auto& make_entry) {
  auto store = std::make_shared<Stored>();
  std::vector<decltype(make_entry(0))> entries;
  entries.reserve(keys.size());
  for (const std::uint64_t key : keys) entries.push_back(make_entry(key));
  std::sort(entries.begin(), entries.end(),
            [](const auto& one, const auto& other) { return one.first < other.first; });
  store->table.bulk_load(entries, {}, quire::Durability::buffered).value();
  for (const auto& entry : store->table.range()) static_cast<void>(*entry.value);
  return store;
}

inline std::shared_ptr<ValueStore> make_filled(const Keys& keys) {
  return make_filled<ValueStore>(
      keys, [](std::uint64_t key) { return std::pair(key, ValueMaker()(key, 0)); });
}

/// The keys of all workloads.
inline const Data& data() {
  static const Data made(stored_entries);
  return made;
}

}  // namespace bench
