// Pins and snapshots, and reading one value or the next in a tree of a million entries.
#include <benchmark/benchmark.h>

#include "data.hpp"
#include "quire/quire.hpp"

namespace bench {

namespace {

constexpr std::uint64_t stored_entries = 1'000'000;
constexpr std::size_t pick_count = 1 << 16;

/// A storage in memory with one large table; made at the first use.
struct Tree {
  Data data{stored_entries};
  quire::Storage storage =
      quire::StorageBuilder("micro").with_backend(quire::backend::memory).build().value();
  quire::Table<std::uint64_t, Value> table =
      storage.new_table<std::uint64_t, Value>("entries").build().value();

  Tree() {
    std::vector<std::pair<std::uint64_t, Value>> entries;
    ValueMaker value;
    for (const std::uint64_t key : data.sorted()) entries.emplace_back(key, value(key, 0));
    table.bulk_load(entries, {}, quire::Durability::buffered).value();
    for (const auto& entry : table.range()) static_cast<void>(*entry.value);
  }
};

const Tree& tree() {
  static const Tree made;
  return made;
}

void snapshot(benchmark::State& state) {
  const quire::Storage& storage = tree().storage;
  for (auto step : state) benchmark::DoNotOptimize(storage.snapshot().value());
}

/// One more pin of a state that the thread has.
void pin(benchmark::State& state) {
  const quire::StorageSnapshot first = tree().storage.snapshot().value();
  for (auto step : state) benchmark::DoNotOptimize(quire::StorageSnapshot(first));
}

/// Calls use with one key after the other.
void for_keys(benchmark::State& state, const Keys& keys, const auto& use) {
  std::size_t at = 0;
  for (auto step : state) {
    benchmark::DoNotOptimize(use(keys[at]));
    at = (at + 1) % keys.size();
  }
}

void get(benchmark::State& state) {
  const auto table = tree().storage.snapshot().value().table(tree().table);
  for_keys(state, tree().data.hits(1, pick_count),
           [&](std::uint64_t key) { return table.get(key).value().has_value(); });
}

void get_nothing(benchmark::State& state) {
  const auto table = tree().storage.snapshot().value().table(tree().table);
  for_keys(state, tree().data.misses(1, pick_count),
           [&](std::uint64_t key) { return table.get(key).value().has_value(); });
}

/// Outside of a snapshot.
void get_newest(benchmark::State& state) {
  for_keys(state, tree().data.hits(1, pick_count),
           [](std::uint64_t key) { return tree().table.get(key).value().has_value(); });
}

void seek(benchmark::State& state) {
  const auto table = tree().storage.snapshot().value().table(tree().table);
  for_keys(state, tree().data.misses(1, pick_count),
           [&](std::uint64_t key) { return table.lower_bound(key).value().has_value(); });
}

/// The entries of a range, which begins anew at its end.
void next(benchmark::State& state) {
  auto range = tree().table.range();
  for (auto step : state) {
    const auto* const entry = range.next().value();
    if (entry == nullptr)
      range = tree().table.range();
    else
      benchmark::DoNotOptimize(front_of(entry->value->data()));
  }
}

BENCHMARK(snapshot)->Name("begin and end a snapshot");
BENCHMARK(pin)->Name("pin and unpin");
BENCHMARK(get)->Name("get in a million entries");
BENCHMARK(get_nothing)->Name("get of what is not there");
BENCHMARK(get_newest)->Name("get, newest state each");
BENCHMARK(seek)->Name("seek in a million entries");
BENCHMARK(next)->Name("next entry of a range");

}  // namespace

}  // namespace bench
