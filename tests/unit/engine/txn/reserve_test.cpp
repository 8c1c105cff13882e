// Reserved values: what is written into their room is what is stored.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

MutableBytes reserve(WriteTransaction& txn, const NamedTable& table, std::string_view key,
                     std::size_t size) {
  return txn.reserve(table.id, table.name, as_bytes(key), size).value();
}

bool are_zeros(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{}; });
}

std::size_t some_size(Dice& dice) {
  constexpr std::array limits = {40UZ, 300UZ, 1100UZ, 9000UZ, 400'000UZ};
  return dice.below(dice.any_of(limits));
}

// Law: the room is zeros, at the table's alignment, and what it holds at the next edit is the
// value, whatever is read in between, and whatever lay there before.
TEST_CASE("what is written into reserved room is the value") {
  for (std::uint64_t seed = 0; seed < scaled(14); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const std::uint32_t alignment = 1U << seed % 7;
    Store store({.memory_budget = (seed % 2 == 0 ? 16 : 4096) * layout::default_page_size});
    const NamedTable table = store.table("t", aligned_to(alignment));
    Content model;
    for (int round = 0; round < 3; ++round) {
      WriteTransaction txn = store.begin();
      for (int step = 0; step < 300; ++step) {
        const std::string key = key_of(dice.below(200));
        if (dice.one_in(3)) {  // leaves old bytes behind
          REQUIRE(erase(txn, table, key) == (model.erase(key) == 1));
          continue;
        }
        const std::size_t size = some_size(dice);
        const MutableBytes room = reserve(txn, table, key, size);
        REQUIRE(room.size() == size);
        REQUIRE(are_zeros(room));
        REQUIRE(std::bit_cast<std::uintptr_t>(room.data()) % alignment == 0);
        const std::string value = dice.bytes(size);
        for (Bytes rest = as_bytes(value); !rest.empty();) {
          const std::size_t part = dice.one_in(2) ? rest.size() : 1 + dice.below(rest.size());
          copy_bytes(room.data() + (size - rest.size()), rest.first(part));
          rest = rest.subspan(part);
          const std::string other = key_of(dice.below(200));
          if (dice.one_in(4))
            REQUIRE(get(txn, table, other).has_value() == (other == key || model.contains(other)));
          if (dice.one_in(4)) REQUIRE((get(txn, table, key) == as_text(room)));
        }
        model[key] = value;
      }
      constexpr std::array levels = {Durability::full, Durability::buffered, Durability::resident};
      commit(txn, dice.any_of(levels));
      REQUIRE((content(store.snapshot(), table) == model));
      require_sound(store.database());
    }
    store.reopen();
    REQUIRE((content(store.snapshot(), table) == model));
    require_sound(store.database());
  }
}

// Law: whatever ends the room, what it held by then is stored.
TEST_CASE("every edit settles a reserved value") {
  const std::array<std::function<void(WriteTransaction&, const NamedTable&)>, 8> ends = {
      [](WriteTransaction& txn, const NamedTable& table) { put(txn, table, "other", "value"); },
      [](WriteTransaction& txn, const NamedTable& table) { erase(txn, table, "other"); },
      [](WriteTransaction& txn, const NamedTable& table) {
        txn.erase_range(table.id, table.name, {as_bytes("l"), {}}).value();
      },
      [](WriteTransaction& txn, const NamedTable&) { make_table(txn, "made"); },
      [](WriteTransaction& txn, const NamedTable& table) {
        txn.rename_table(table.name, "renamed").value();
      },
      [](WriteTransaction& txn, const NamedTable& table) {
        make_table(txn, "made");
        txn.drop_table("made").value();
        static_cast<void>(table);
      },
      [](WriteTransaction& txn, const NamedTable&) { static_cast<void>(txn.savepoint().value()); },
      [](WriteTransaction& txn, const NamedTable& table) {
        BulkLoad load = txn.bulk_load(table.id, table.name).value();
        for (std::uint64_t number = 0; number < 2000; ++number)
          load.append(as_bytes("m" + key_of(number)), as_bytes("loaded")).value();
        load.finish().value();
      }};
  for (const std::size_t size : {100UZ, 3000UZ, 500'000UZ}) {
    for (std::size_t end = 0; end < ends.size(); ++end) {
      for (const bool is_read : {false, true}) {
        CAPTURE(size);
        CAPTURE(end);
        Store store;
        const NamedTable table = store.table("t");
        WriteTransaction txn = store.begin();
        const MutableBytes room = reserve(txn, table, "key", size);
        if (is_read) CHECK(get(txn, table, "key")->size() == size);
        std::ranges::fill(room, std::byte{'v'});
        ends[end](txn, table);
        CHECK((get(txn, table, "key") == std::string(size, 'v')));
        commit(txn);
        const Snapshot snapshot = store.snapshot();
        CHECK((get(snapshot, table, "key") == std::string(size, 'v')));
        require_sound(store.database());
      }
    }
  }
}

// Law: what was reserved may be stored once more under another key, as what was read may be.
TEST_CASE("reserved room may be put as a value") {
  for (const std::size_t size : {200UZ, 3000UZ, 500'000UZ}) {
    CAPTURE(size);
    Store store;
    const NamedTable table = store.table("t");
    WriteTransaction txn = store.begin();
    for (std::uint64_t number = 0; number < 60; ++number) {
      const MutableBytes room = reserve(txn, table, key_of(2 * number), size);
      std::ranges::fill(room, static_cast<std::byte>('a' + number % 26));
      txn.put(table.id, table.name, as_bytes(key_of(number * 37 % 60 * 2 + 1)), room).value();
    }
    commit(txn);
    for (std::uint64_t number = 0; number < 60; ++number) {
      const std::string value(size, static_cast<char>('a' + number % 26));
      REQUIRE((get(store.snapshot(), table, key_of(2 * number)) == value));
      REQUIRE((get(store.snapshot(), table, key_of(number * 37 % 60 * 2 + 1)) == value));
    }
    require_sound(store.database());
  }
}

// Law: it may be a key, too, wherever the tree puts the new room.
TEST_CASE("room may be reserved under a key that lies in reserved room") {
  constexpr std::uint64_t count = 499;
  const auto name = [](std::uint64_t number) { return key_of(number * 37 % count); };
  for (const std::size_t pages : {4UZ, 4096UZ}) {
    CAPTURE(pages);
    Store store({.memory_budget = pages * layout::default_page_size});
    const NamedTable table = store.table("t");
    WriteTransaction txn = store.begin();
    const std::string first = name(0);
    std::string_view key = first;
    for (std::uint64_t number = 0; number < count; ++number) {
      const MutableBytes room = reserve(txn, table, key, 500);
      const std::string next = name(number + 1);
      copy_bytes(room.data(), as_bytes(next));
      key = as_text(room.first(next.size()));
    }
    commit(txn);
    const Content found = content(store.snapshot(), table);
    CHECK(found.size() == count);
    for (std::uint64_t number = 0; number < count; ++number)
      CHECK(found.at(name(number)).starts_with(name(number + 1)));
    require_sound(store.database());
  }
}

// Law: reading moves no page, not even while a bulk load holds entries back and memory is used up.
TEST_CASE("room in a leaf outlasts reads beside a bulk load") {
  Store store({.memory_budget = 4 * layout::default_page_size});
  const NamedTable table = store.table("t");
  const NamedTable other = store.table("other");
  WriteTransaction txn = store.begin();
  BulkLoad load = txn.bulk_load(other.id, other.name).value();
  for (std::uint64_t number = 0; number < 5000; ++number) {
    load.append(as_bytes(key_of(number)), as_bytes(std::string(200, 'l'))).value();
    if (number % 50 != 0) continue;
    const std::string key = key_of(number);
    const MutableBytes room = reserve(txn, table, key, 500);
    if (number > 50) CHECK(get(txn, table, key_of(50)).has_value());
    CHECK(txn.tables().value().size() == 2);
    std::ranges::fill(room, std::byte{'v'});
    REQUIRE(get(txn, table, key) == std::string(500, 'v'));
  }
  load.finish().value();
  commit(txn);
  const Content found = content(store.snapshot(), table);
  CHECK(found.size() == 100);
  for (const auto& [key, value] : found) CHECK(value == std::string(500, 'v'));
  require_sound(store.database());
}

TEST_CASE("what cannot be reserved is refused, and nothing happens") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  const std::string long_key(5000, 'k');
  const auto refused = [&](const NamedTable& into, std::string_view key, std::uint64_t size) {
    return code_of(txn.reserve(into.id, into.name, as_bytes(key), size));
  };
  CHECK(refused(table, long_key, 1) == ErrorCode::key_too_long);
  CHECK(refused(table, "key", layout::max_value_size + 1) == ErrorCode::value_too_large);
  CHECK(refused({{77}, "missing"}, "key", 1) == ErrorCode::table_missing);
  CHECK(reserve(txn, table, "empty", 0).empty());
  commit(txn);
  CHECK(content(store.snapshot(), table) == Content{{"empty", ""}});
}

// Law: what readers are shown never changes, though it lies in the same memory.
TEST_CASE("room of a transaction is not that of the resident state before") {
  Store store({.durability = Durability::resident});
  const NamedTable table = store.table("t");
  quire::test::store(store.database(), table, "key", std::string(100, 'a'));
  const Snapshot old = store.snapshot();
  WriteTransaction txn = store.begin();
  std::ranges::fill(reserve(txn, table, "key", 100), std::byte{'b'});
  CHECK(get(old, table, "key") == std::string(100, 'a'));
  commit(txn);
  CHECK(get(old, table, "key") == std::string(100, 'a'));
  CHECK(get(store.snapshot(), table, "key") == std::string(100, 'b'));
}

}  // namespace
}  // namespace quire
