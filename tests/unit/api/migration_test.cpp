// Migrations: tables of older schemas become ones of the newest, whatever comes between.
#include "quire/api/migration.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "quire/formats/compressed.hpp"
#include "quire/formats/describe.hpp"
#include "quire/formats/rkyv.hpp"
#include "support/crash_disk.hpp"
#include "support/temporary_directory.hpp"
#include "support/volume.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace v1 {
struct City {
  std::string name;
  std::uint32_t people = 0;
};
QUIRE_DESCRIBE(City, name, people)
}  // namespace v1
namespace v2 {
struct City {
  std::string name;
  std::uint64_t people = 0;
  std::vector<std::string> rivers;
};
QUIRE_DESCRIBE(City, name, people, rivers)
}  // namespace v2

namespace {

using Old = Table<std::uint32_t, v1::City, OrderedFormat, RkyvFormat>;
using New = Table<std::uint32_t, v2::City, OrderedFormat, RkyvFormat>;

/// What a process that goes down throws.
struct Down {};

/// More than two batches.
constexpr std::uint32_t many = 25'000;

Result<Old> old_table(Storage& storage) {
  return storage.new_table<std::uint32_t, v1::City>("cities")
      .with_value_format(RkyvFormat{})
      .build();
}

auto new_table(Storage& storage) {
  return storage.new_table<std::uint32_t, v2::City>("cities").with_value_format(RkyvFormat{});
}

v1::City city(std::uint32_t number) { return {"city " + std::to_string(number), number * 2}; }

void fill(Storage& storage, std::uint32_t count) {
  const Old table = old_table(storage).value();
  auto txn = storage.begin_write().value();
  auto edit = txn.table(table);
  for (std::uint32_t number = 0; number < count; ++number) edit.put(number, city(number)).value();
  std::move(txn).commit().value();
}

/// How a city of old becomes one of today.
struct Convert {
  std::atomic<std::uint32_t>* calls = nullptr;

  Status operator()(std::uint32_t key, const auto& old, const auto& put) const {
    if (calls != nullptr) ++*calls;
    return put(key + 7, v2::City{std::string(old.name()), old.people() + 1ULL, {"Aare"}});
  }
};

Result<New> migrated(Storage& storage, std::atomic<std::uint32_t>* calls = nullptr,
                     ProgressHook hook = {}) {
  return new_table(storage)
      .with_migration<std::uint32_t, v1::City>(Convert{calls}, OrderedFormat{}, RkyvFormat{})
      .with_progress(std::move(hook))
      .build();
}

/// Everything is there once, and nothing else is in the storage.
void check_migrated(Storage& storage, const New& table, std::uint32_t count) {
  REQUIRE(table.size().value() == count);
  std::uint32_t number = 0;
  for (const auto& [key, value] : table.range()) {
    REQUIRE(key == number + 7);
    REQUIRE(value->name() == city(number).name);
    REQUIRE(value->people() == city(number).people + 1ULL);
    REQUIRE(value->rivers().size() == 1);
    ++number;
  }
  CHECK(storage.tables().value().size() == 1);
  CHECK(storage.check().value().is_clean());
}

TEST_CASE("a table of an older schema is migrated once, and tells how far it is") {
  Place place;
  Storage storage = place.open();
  fill(storage, many);
  CHECK(code_of(new_table(storage).build()) == ErrorCode::type_mismatch);
  std::atomic<std::uint32_t> calls = 0;
  std::vector<std::uint64_t> done;
  const auto hook = [&](const Progress& progress) {
    CHECK(progress.table == "cities");
    CHECK(progress.total == many);
    done.push_back(progress.done);
  };
  check_migrated(storage, migrated(storage, &calls, hook).value(), many);
  CHECK(calls == many);
  CHECK((done == std::vector<std::uint64_t>{10'000, 20'000, many}));
  // Now it is one of the new schema, with or without the migration.
  CHECK(new_table(storage).build().value().size().value() == many);
  CHECK(migrated(storage, &calls).value().size().value() == many);
  CHECK(calls == many);
  CHECK(code_of(old_table(storage)) == ErrorCode::type_mismatch);
}

TEST_CASE("an empty table is migrated, too") {
  Place place;
  Storage storage = place.open();
  fill(storage, 0);
  check_migrated(storage, migrated(storage).value(), 0);
}

// Law: a migration that ends between its commits goes on there.
TEST_CASE("a migration goes on where it was when the process went down") {
  for (const std::size_t batches : {std::size_t{1}, std::size_t{2}}) {
    CAPTURE(batches);
    CrashDisk disk;
    std::atomic<std::uint32_t> calls = 0;
    {
      Storage storage = StorageBuilder("data").with_backend(disk).build().value();
      fill(storage, many);
      std::size_t heard = 0;
      const auto die = [&](const Progress&) {
        if (++heard == batches) throw Down{};
      };
      CHECK_THROWS_AS(static_cast<void>(migrated(storage, &calls, die)), Down);
      // The old table is as it was.
      CHECK(old_table(storage).value().size().value() == many);
      disk.kill_process();
    }
    CHECK(calls == 10'000 * batches);
    Storage storage = StorageBuilder("data").with_backend(disk).build().value();
    std::vector<std::uint64_t> done;
    const auto hear = [&](const Progress& progress) { done.push_back(progress.done); };
    check_migrated(storage, migrated(storage, &calls, hear).value(), many);
    CHECK(calls == many);
    CHECK(done.front() == 10'000 * (batches + 1) - (batches == 2 ? 5'000 : 0));
  }
}

// Law: whichever call of the file system is the last one that works, the old table is whole or the
// new one is, and opening again finishes it.
TEST_CASE("a migration that the disk ends anywhere is finished by the next opening") {
  const std::uint32_t count = 12'000;
  const std::size_t step = volume() < 1 ? 5 : 1;
  std::size_t calls = 0;
  for (std::size_t last = 0; last <= calls; last += step) {
    CAPTURE(last);
    CrashDisk disk;
    std::size_t before = 0;
    {
      Storage storage = StorageBuilder("data").with_backend(disk).build().value();
      fill(storage, count);
      before = disk.call_count();
      if (last > 0) disk.fail({.number = before + last, .lasting = Lasting::from_then_on});
      const auto first = migrated(storage);
      if (last == 0) {
        check_migrated(storage, first.value(), count);
        calls = disk.call_count() - before;
        continue;
      }
      disk.kill_process();
    }
    disk.heal();
    Storage storage = StorageBuilder("data").with_backend(disk).build().value();
    check_migrated(storage, migrated(storage).value(), count);
  }
  CHECK(calls > 5);
}

TEST_CASE("a migration begins anew when the old table is changed meanwhile") {
  Place place;
  Storage storage = place.open();
  fill(storage, many);
  Old old = old_table(storage).value();
  std::size_t heard = 0;
  const auto change = [&](const Progress&) {
    if (++heard == 2) old.put(many, city(many)).value();
  };
  std::atomic<std::uint32_t> calls = 0;
  check_migrated(storage, migrated(storage, &calls, change).value(), many + 1);
  CHECK(calls == 20'000 + many + 1);
  CHECK(code_of(old.get(1)) == ErrorCode::table_missing);
}

TEST_CASE("a conversion that fails leaves the old table, and nothing beside it") {
  Place place;
  Storage storage = place.open();
  fill(storage, many);
  const auto fails = [](std::uint32_t key, const auto& old, const auto& put) -> Status {
    if (key == 15'000) return fail(Error(ErrorCode::invalid_argument).with_detail("no such city"));
    return put(key, v2::City{std::string(old.name()), 0, {}});
  };
  const auto failed =
      new_table(storage)
          .with_migration<std::uint32_t, v1::City>(fails, OrderedFormat{}, RkyvFormat{})
          .with_recreate(Recreate::if_incompatible)
          .build();
  REQUIRE(code_of(failed) == ErrorCode::invalid_argument);
  CHECK(failed.error().message().contains("no such city"));
  CHECK(storage.tables().value().size() == 1);
  CHECK(old_table(storage).value().size().value() == many);
  check_migrated(storage, migrated(storage).value(), many);
}

TEST_CASE("two entries never become one by being migrated to the same key") {
  Place place;
  Storage storage = place.open();
  fill(storage, many);
  const auto halves = [](std::uint32_t key, const auto& old, const auto& put) -> Status {
    return put(key == 24'999 ? 3 : key, v2::City{std::string(old.name()), 0, {}});
  };
  const auto failed =
      new_table(storage)
          .with_migration<std::uint32_t, v1::City>(halves, OrderedFormat{}, RkyvFormat{})
          .build();
  REQUIRE(code_of(failed) == ErrorCode::invalid_argument);
  CHECK(failed.error().message().contains("same key"));
  CHECK(storage.tables().value().size() == 1);
  CHECK(old_table(storage).value().size().value() == many);
}

TEST_CASE("an entry may become none or several, and of other types") {
  Place place;
  Storage storage = place.open();
  auto numbers = storage.new_table<std::uint32_t, std::uint32_t>("numbers").build().value();
  for (std::uint32_t number = 0; number < 10; ++number) numbers.put(number, number % 3).value();
  const auto repeat = [](std::uint32_t key, std::uint32_t times, const auto& put) -> Status {
    for (std::uint32_t time = 0; time < times; ++time) {
      if (Status done = put({std::to_string(key), time}, "text"); !done) return done;
    }
    return {};
  };
  using Key = std::pair<std::string, std::uint32_t>;
  const auto texts = storage.new_table<Key, std::string>("numbers")
                         .with_value_format(Compressed{TextFormat{}})
                         .with_migration<std::uint32_t, std::uint32_t>(repeat)
                         .build()
                         .value();
  CHECK(texts.size().value() == 9);
  CHECK(texts.get({"2", 1}).value().has_value());
  CHECK_FALSE(texts.get({"3", 0}).value().has_value());
  // And back, from values that are unpacked.
  const auto count = [](const Key& key, std::string_view text, const auto& put) -> Status {
    return put(static_cast<std::uint32_t>(std::stoul(key.first)) * 10 + key.second,
               static_cast<std::uint32_t>(text.size()));
  };
  const auto sizes =
      storage.new_table<std::uint32_t, std::uint32_t>("numbers")
          .with_migration<Key, std::string>(count, OrderedFormat{}, Compressed{TextFormat{}})
          .build()
          .value();
  CHECK(sizes.size().value() == 9);
  CHECK(**sizes.get(21).value() == 4);
}

TEST_CASE("each older schema has its own migration") {
  for (const bool is_oldest : {true, false}) {
    CAPTURE(is_oldest);
    Place place;
    Storage storage = place.open();
    if (is_oldest)
      storage.new_table<std::uint32_t, std::string>("cities").build().value().put(1, "x").value();
    else
      fill(storage, 2);
    const auto table =
        new_table(storage)
            .with_migration<std::uint32_t, v1::City>(Convert{}, OrderedFormat{}, RkyvFormat{})
            .with_migration<std::uint32_t, std::string>(
                [](std::uint32_t key, std::string_view name, const auto& put) {
                  return put(key, v2::City{std::string(name), 0, {}});
                })
            .build()
            .value();
    CHECK(table.size().value() == (is_oldest ? 1 : 2));
    const auto found = table.get(is_oldest ? 1 : 8).value().value();
    CHECK(found->name() == (is_oldest ? "x" : "city 1"));
  }
}

TEST_CASE("threads that open a table at once migrate it together") {
  Place place;
  Storage storage = place.open();
  fill(storage, many);
  std::vector<std::optional<New>> opened(4);
  {
    std::vector<std::jthread> threads;
    for (auto& table : opened) threads.emplace_back([&] { table = migrated(storage).value(); });
  }
  for (const auto& table : opened) CHECK(table->id() == opened.front()->id());
  check_migrated(storage, *opened.front(), many);
}

TEST_CASE("a table that only looks like that of a migration is left alone") {
  Place place;
  Storage storage = place.open();
  fill(storage, 3);
  const Old old = old_table(storage).value();
  const std::string name = "quire.migrating." + std::to_string(old.id().value);
  auto other = storage.new_table<std::uint32_t, int>(name).build().value();
  other.put(1, 1).value();
  const auto failed = migrated(storage);
  REQUIRE(code_of(failed) == ErrorCode::table_exists);
  CHECK(failed.error().message().contains(name));
  CHECK(other.size().value() == 1);
  CHECK(old.size().value() == 3);
}

/// Begins a migration of many entries and leaves it behind the first batch.
void interrupt(Storage& storage) {
  fill(storage, many);
  const auto die = [](const Progress&) { throw Down{}; };
  CHECK_THROWS_AS(static_cast<void>(migrated(storage, nullptr, die)), Down);
  CHECK(storage.tables().value().size() == 3);
}

TEST_CASE("a migration goes on when its table has got another name") {
  Place place;
  Storage storage = place.open();
  interrupt(storage);
  REQUIRE(storage.rename_table("cities", "towns").has_value());
  std::atomic<std::uint32_t> calls = 0;
  const auto table =
      storage.new_table<std::uint32_t, v2::City>("towns")
          .with_value_format(RkyvFormat{})
          .with_migration<std::uint32_t, v1::City>(Convert{&calls}, OrderedFormat{}, RkyvFormat{})
          .build()
          .value();
  check_migrated(storage, table, many);
  CHECK(calls == many - 10'000);
}

TEST_CASE("of a migration whose table went nothing stays behind") {
  SUBCASE("when it is made anew") {
    Place place;
    Storage storage = place.open();
    interrupt(storage);
    CHECK(new_table(storage).with_recreate(Recreate::always).build().value().size().value() == 0);
    CHECK(storage.tables().value().size() == 1);
  }
  SUBCASE("when it is dropped, and another one is migrated") {
    Place place;
    Storage storage = place.open();
    interrupt(storage);
    REQUIRE(storage.drop_table("cities").has_value());
    fill(storage, 3);
    check_migrated(storage, migrated(storage).value(), 3);
  }
}

TEST_CASE("a conversion that throws, or puts what cannot be stored, is made anew from the start") {
  for (const bool throws : {true, false}) {
    CAPTURE(throws);
    Place place;
    Storage storage = place.open();
    auto old = storage.new_table<std::uint32_t, std::uint32_t>("numbers").build().value();
    {
      auto txn = storage.begin_write().value();
      for (std::uint32_t number = 0; number < many; ++number)
        txn.table(old).put(number, number).value();
      std::move(txn).commit().value();
    }
    const auto fails = [throws](std::uint32_t key, std::uint32_t value, const auto& put) -> Status {
      if (key != 15'000) return put("false " + std::to_string(key), value);
      if (throws) throw Down{};
      return put(std::string(5000, 'k'), value);
    };
    const auto texts = storage.new_table<std::string, std::uint32_t>("numbers");
    const auto false_one = texts.with_migration<std::uint32_t, std::uint32_t>(fails);
    if (throws)
      CHECK_THROWS_AS(static_cast<void>(false_one.build()), Down);
    else
      CHECK(code_of(false_one.build()) == ErrorCode::key_too_long);
    CHECK(storage.tables().value().size() == 1);
    const auto right = [](std::uint32_t key, std::uint32_t value, const auto& put) -> Status {
      return put(std::to_string(key), value);
    };
    const auto table = texts.with_migration<std::uint32_t, std::uint32_t>(right).build().value();
    CHECK(table.size().value() == many);
    CHECK(table.prefix("false").count().value() == 0);
  }
}

TEST_CASE("a migration ends also where the old table is changed again and again") {
  Place place;
  Storage storage = place.open();
  fill(storage, many);
  Old old = old_table(storage).value();
  std::uint32_t added = 0;
  const auto change = [&](const Progress& progress) {
    if (progress.done == progress.total) return;
    old.put(many + added, city(many + added)).value();
    ++added;
  };
  const New table = migrated(storage, nullptr, change).value();
  CHECK(added > 1);
  CHECK(table.size().value() == many + added);
  CHECK(storage.tables().value().size() == 1);
  CHECK(storage.check().value().is_clean());
}

TEST_CASE("a migration keeps no state for longer than a batch") {
  Place place;
  Storage storage = place.open();
  fill(storage, many);
  std::size_t readers = 0;
  const auto count = [&](const Progress&) { readers += storage.readers().value().size(); };
  check_migrated(storage, migrated(storage, nullptr, count).value(), many);
  CHECK(readers == 0);
}

// Law: what is decided of a table is decided again when it is seen to be another.
TEST_CASE("a table that another writer makes meanwhile is migrated, and not made anew") {
  const TemporaryDirectory directory;
  const std::string path = directory / "data";
  Storage storage = StorageBuilder(path).build().value();
  TableSpec spec;
  {
    fill(storage, 0);
    const TableInfo old = storage.tables().value().front();
    spec = {.value_alignment = old.root.alignment(),
            .key_descriptor = old.key_descriptor,
            .value_descriptor = old.value_descriptor};
    REQUIRE(storage.drop_table("cities").has_value());
  }
  Options options;
  options.background_sync = storage.options().background_sync;
  options.sharing = Sharing::shared;
  const Database same = Database::open(path, options).value();
  WriteTransaction txn = same.begin_write().value();
  std::optional<New> table;
  std::jthread opener([&] {
    table = new_table(storage)
                .with_migration<std::uint32_t, v1::City>(Convert{}, OrderedFormat{}, RkyvFormat{})
                .with_recreate(Recreate::if_incompatible)
                .build()
                .value();
  });
  // It has seen that there is no such table, and waits to make one.
  while (storage.statistics().value().writers < 2) std::this_thread::yield();
  const TableId id = txn.create_table("cities", spec).value();
  const RkyvFormat format;
  const v1::City first = city(0);
  std::vector<std::byte> stored(format.measure<v1::City>(first).value());
  format.write<v1::City>(first, stored);
  txn.put(id, "cities", OrderedFormat().encode<std::uint32_t>(0).bytes(), stored).value();
  std::move(txn).commit().value();
  opener.join();
  check_migrated(storage, *table, 1);
}

TEST_CASE("a storage that is opened read-only says that there is a migration") {
  Place place;
  {
    Storage storage = place.open();
    fill(storage, 3);
  }
  Storage storage = place.builder().with_access(Access::read_only).build().value();
  const auto failed = migrated(storage);
  REQUIRE(code_of(failed) == ErrorCode::type_mismatch);
  CHECK(failed.error().message().contains("open the storage for writing"));
}

TEST_CASE("formats are chosen before migrations") {
  Place place;
  Storage storage = place.open();
  const auto failed =
      new_table(storage)
          .with_migration<std::uint32_t, v1::City>(Convert{}, OrderedFormat{}, RkyvFormat{})
          .with_value_format(RkyvFormat{})
          .build();
  REQUIRE(code_of(failed) == ErrorCode::invalid_argument);
  CHECK(failed.error().message().contains("before migrations"));
}

}  // namespace
}  // namespace quire::test
