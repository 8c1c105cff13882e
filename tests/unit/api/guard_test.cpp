#include "quire/api/guard.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <functional>
#include <latch>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/volume.hpp"
#include "unit/api/model.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using Texts = Table<std::uint32_t, std::string>;
using TextSnapshot = TableSnapshot<Texts::SchemaType>;

std::string text_of(std::uint32_t key) {
  return std::string(10 + key * 37 % 3000, char('a' + key % 26));
}

/// A storage with all kinds of handles on it and things read through them, each of which can go.
struct Scene {
  static constexpr std::uint32_t count = 40;

  explicit Scene(Place::Kind kind) {
    Place place(kind);
    // The backend of its own that a memory storage has may go with it, unlike the place's.
    StorageBuilder builder = place.builder();
    if (kind == Place::Kind::memory) builder.with_backend(backend::memory);
    storage = builder.with_durability(Durability::buffered).build().value();
    table = storage->new_table<std::uint32_t, std::string>("texts").build().value();
    txn = storage->begin_write().value();
    for (std::uint32_t key = 0; key < count; ++key) {
      txn->table(*table).put(key, text_of(key)).value();
    }
    std::move(*txn).commit().value();
    snapshot = storage->snapshot().value();
    in_snapshot = snapshot->table(*table);
    txn = storage->begin_write().value();
    in_txn = txn->table(*table);
    in_txn->put(1, text_of(1)).value();
  }

  std::optional<Storage> storage;
  std::optional<Texts> table;
  std::optional<StorageSnapshot> snapshot;
  std::optional<TextSnapshot> in_snapshot;
  std::optional<StorageTransaction> txn;
  std::optional<TableEditor<Texts::SchemaType>> in_txn;
};

/// What a scene's guards show, however they were come by.
struct Guards {
  explicit Guards(const Scene& scene) {
    pinning.push_back(scene.table->get(2).value().value());
    pinning.push_back(scene.in_snapshot->get(2).value().value());
    for (auto [key, value] : scene.table->range(2, 3)) pinning.push_back(value);
    for (const auto& [key, value] : scene.in_snapshot->range(2, 3)) pinning.push_back(value);
    pinning.push_back(scene.table->range_from(2).next().value()->value);
    pinning.push_back(pinning.front().share().value());
    copying.push_back(scene.in_txn->get(2).value().value());
    for (auto [key, value] : scene.in_txn->range(2, 3)) copying.push_back(value);
    copying.push_back(copying.front());
  }
  [[nodiscard]] bool are_right() const {
    const auto is_right = [](const auto& guard) { return *guard == text_of(2); };
    return std::ranges::all_of(pinning, is_right) && std::ranges::all_of(copying, is_right);
  }

  std::vector<Texts::Guard> pinning;
  std::vector<TableEditor<Texts::SchemaType>::Guard> copying;
};

/// What may become of a scene; steps for what is gone already do nothing.
const std::array<std::function<void(Scene&)>, 7> steps{
    [](Scene& scene) { scene.storage.reset(); },
    [](Scene& scene) { scene.table.reset(); },
    [](Scene& scene) { scene.snapshot.reset(); },
    [](Scene& scene) { scene.in_snapshot.reset(); },
    [](Scene& scene) { scene.in_txn.reset(); },
    [](Scene& scene) {
      if (scene.table) scene.txn->table(*scene.table).put(2, "changed").value();
      std::move(*scene.txn).commit().value();
      scene.txn.reset();
    },
    [](Scene& scene) {  // another commit, which may reuse what the first one left, and a closing
      if (!scene.storage || scene.txn) return;
      if (scene.table) scene.table->put(3, std::string(5000, 'x')).value();
      if (scene.table) scene.table->erase(2).value();
      scene.storage->close().value();
    },
};

/// Calls visit with every order of the steps, or with as many of them, evenly, as there may be.
void for_orders(std::size_t most, auto&& visit) {
  std::array<std::size_t, steps.size()> order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t count = 1;
  for (std::size_t n = 2; n <= order.size(); ++n) count *= n;
  const std::size_t stride = std::max<std::size_t>(1, count / most);
  std::size_t at = 0;
  do {
    if (at++ % stride == 0) visit(order);
  } while (std::ranges::next_permutation(order).found);
}

// Law: a guard shows its value whatever goes first.
TEST_CASE("a guard outlives everything, in every order") {
  for (const Place::Kind kind : Place::all) {
    for_orders(kind == Place::Kind::memory ? scaled(5040) : scaled(60), [&](const auto& order) {
      CAPTURE(order);
      Scene scene(kind);
      const Guards guards(scene);
      for (const std::size_t step : order) {
        steps[step](scene);
        REQUIRE(guards.are_right());
      }
    });
  }
}

TEST_CASE("a range outlives everything, in every order") {
  for_orders(scaled(500), [&](const auto& order) {
    CAPTURE(order);
    Scene scene(Place::Kind::memory);
    std::vector<Texts::Range> ranges;
    ranges.push_back(scene.table->range());
    ranges.push_back(scene.in_snapshot->range());
    std::uint32_t key = 0;
    for (const std::size_t step : order) {
      for (auto& range : ranges) {
        const auto* const entry = range.next().value();
        REQUIRE(entry->key == key);
        REQUIRE(*entry->value == text_of(key));
      }
      ++key;
      steps[step](scene);
    }
    for (auto& range : ranges) {
      std::uint32_t next = key;
      REQUIRE(range.for_each([&](const auto& entry) { REQUIRE(*entry.value == text_of(next++)); })
                  .has_value());
      REQUIRE(next == Scene::count);
    }
  });
}

TEST_CASE("a guard is copied, moved and assigned") {
  Scene scene(Place::Kind::memory);
  auto one = scene.table->get(1).value().value();
  const auto two = scene.table->get(2).value().value();
  auto copy = one;
  CHECK(*copy == text_of(1));
  one = two;
  CHECK(*one == text_of(2));
  CHECK(*copy == text_of(1));
  copy = std::move(one);
  CHECK(*copy == text_of(2));
  copy = *&copy;
  CHECK(*copy == text_of(2));
  CHECK(copy->size() == text_of(2).size());
}

TEST_CASE("a guard keeps its value while its entry is overwritten again and again") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::uint32_t, std::uint64_t>("table").build().value();
  std::vector<decltype(table)::Guard> guards;
  for (std::uint64_t n = 0; n < 200; ++n) {
    REQUIRE(table.put(1, n).has_value());
    guards.push_back(table.get(1).value().value());
  }
  for (std::uint64_t n = 0; n < 200; ++n) CHECK(*guards[n] == n);
  CHECK(storage.statistics().value().pins == 200);
  guards.clear();
  CHECK(storage.statistics().value().pins == 0);
}

TEST_CASE("guards are read and dropped by other threads, after all else is gone") {
  for (const Place::Kind kind : Place::all) {
    std::optional<Scene> scene(std::in_place, kind);
    std::vector<std::thread> threads;
    std::latch gone(1);
    std::atomic<int> right = 0;
    for (int n = 0; n < 4; ++n) {
      threads.emplace_back([&gone, &right, guards = Guards(*scene)]() mutable {
        gone.wait();
        if (guards.are_right()) ++right;
        guards.pinning.pop_back();
        if (guards.are_right()) ++right;
      });
    }
    scene.reset();
    gone.count_down();
    for (std::thread& thread : threads) thread.join();
    CHECK(right == 8);
  }
}

TEST_CASE("guards made by a thread outlive it") {
  Scene scene(Place::Kind::memory);
  std::optional<Guards> guards;
  std::thread([&] { guards.emplace(scene); }).join();
  std::move(*scene.txn).abandon();
  REQUIRE(scene.table->put(2, "changed").has_value());
  CHECK(guards->are_right());
}

TEST_CASE("one guard is read and copied by several threads") {
  Scene scene(Place::Kind::memory);
  const auto guard = scene.table->get(2).value().value();
  std::atomic<std::size_t> right = 0;
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      for (std::size_t round = 0; round < scaled(1000); ++round) {
        const auto copy = guard;
        if (*copy == text_of(2)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 4 * scaled(1000));
}

template <std::size_t alignment>
struct alignas(alignment) Aligned {
  std::array<char, alignment> bytes;
};

/// Law: the value that a guard shows is at its type's alignment, however the keys lie.
template <std::size_t alignment>
void check_aligned() {
  using Value = Aligned<alignment>;
  CAPTURE(alignment);
  const auto is_aligned = [](const auto& guard) {
    return std::bit_cast<std::uintptr_t>(&*guard) % alignment == 0 && guard->bytes[0] == 'v';
  };
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::string, Value>("aligned").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  std::string key;
  for (std::size_t n = 0; n < 200; ++n) {
    key = std::string(n % 70, 'k') + std::to_string(n);
    REQUIRE(editor.put(key, Value{.bytes = {'v'}}).has_value());
    REQUIRE(is_aligned(*editor.get(key).value()));
  }
  for (const auto& [_, value] : editor.range()) REQUIRE(is_aligned(value));
  REQUIRE(std::move(txn).commit().has_value());
  const auto frozen = storage.snapshot().value().table(table);
  for (const auto& [same, value] : table.range()) {
    REQUIRE(is_aligned(value));
    REQUIRE(is_aligned(*table.get(same).value()));
    REQUIRE(is_aligned(*frozen.get(same).value()));
  }
}

TEST_CASE("values are shown at their alignment") {
  check_aligned<1>();
  check_aligned<2>();
  check_aligned<4>();
  check_aligned<8>();
  check_aligned<16>();
  check_aligned<32>();
  check_aligned<64>();
}

TEST_CASE("raw bytes are shown at the alignment that the format names, large ones too") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::string, ByteString>("raw")
                   .with_value_format(RawFormat{.value_alignment = 32})
                   .build()
                   .value();
  for (const std::size_t size : {1u, 33u, 2000u, 5000u, 100'000u}) {
    const ByteString value(size, std::byte{7});
    const std::string key = "key" + std::to_string(size);
    REQUIRE(table.put(key, value).has_value());
    const auto guard = table.get(key).value().value();
    CHECK(std::bit_cast<std::uintptr_t>(guard->data()) % 32 == 0);
    CHECK(std::ranges::equal(*guard, value));
  }
}

// Law: one call may give more guards than one thread's slot counts, each of them good.
TEST_CASE("get_many gives a guard for each of very many keys") {
  Place place;
  auto storage = place.builder().with_durability(Durability::buffered).build().value();
  auto table = storage.new_table<std::uint32_t, std::uint32_t>("t").build().value();
  table.put(7, 49).value();
  constexpr std::size_t count = 200'000;
  const std::vector<std::uint32_t> keys(count, 7);
  auto guards = table.get_many(keys).value();
  REQUIRE(guards.size() == count);
  std::size_t good = 0;
  for (const auto& guard : guards) good += guard && **guard == 49 ? 1U : 0U;
  REQUIRE(good == count);
  REQUIRE(storage.statistics().value().pins >= count);
  guards.clear();
  REQUIRE(storage.statistics().value().pins == 0);
}

}  // namespace
}  // namespace quire::test
