#include "quire/api/storage_builder.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "unit/api/place.hpp"

namespace quire::test {
namespace {

TEST_CASE("choices that contradict each other are refused, by name, and nothing is made") {
  TemporaryDirectory directory;
  const std::string path = directory / "storage";
  const auto check_refused = [&](const StorageBuilder& builder, std::string_view reason) {
    CAPTURE(reason);
    const auto storage = builder.build();
    REQUIRE(code_of(storage) == ErrorCode::invalid_argument);
    CHECK(storage.error().message().contains(reason));
    CHECK(directory.is_empty());
  };
  const auto builder = [&] { return StorageBuilder(path); };
  check_refused(StorageBuilder(""), "path");
  check_refused(builder().with_access(Access::read_only).with_create(Create::if_missing),
                "read-only");
  check_refused(builder().with_access(Access::read_only).with_durability(Durability::full),
                "durability");
  check_refused(builder().with_access(Access::read_only).with_recreate(Recreate::always),
                "made anew");
  check_refused(builder().with_log({}, std::chrono::milliseconds(-1)), "long wait");
  check_refused(builder().with_create(Create::never).with_page_size(4096), "page size");
  check_refused(builder().with_access(Access::read_only).with_page_size(4096), "page size");
  for (const std::uint32_t size : {0u, 1u, 2048u, 4095u, 4097u, 12288u, 131072u, ~0u}) {
    check_refused(builder().with_page_size(size), "power of two");
  }
  check_refused(builder().with_backend(backend::memory).with_create(Create::never), "memory");
  check_refused(builder().with_backend(backend::memory).with_access(Access::read_only), "memory");
}

TEST_CASE("every page size serves, and a file keeps its own") {
  for (std::uint32_t size = 4096; size <= 65536; size *= 2) {
    for (const Place::Kind kind : Place::all) {
      CAPTURE(size);
      Place place(kind);
      REQUIRE(place.builder().with_page_size(size).build().has_value());
      CHECK(place.builder().build().value().options().page_size == size);
      CHECK(place.builder().with_page_size(8192).build().value().options().page_size == size);
    }
  }
}

TEST_CASE("a file that is missing is made, unless that is not wanted") {
  TemporaryDirectory directory;
  const StorageBuilder builder(directory / "storage");
  CHECK(code_of(StorageBuilder(builder).with_create(Create::never).build()) ==
        ErrorCode::file_missing);
  CHECK(code_of(StorageBuilder(builder).with_access(Access::read_only).build()) ==
        ErrorCode::file_missing);
  CHECK(directory.is_empty());
  REQUIRE(builder.build().has_value());
  CHECK(StorageBuilder(builder).with_create(Create::never).build().has_value());
  CHECK(StorageBuilder(builder).with_access(Access::read_only).build().has_value());
}

TEST_CASE("the choices are in effect") {
  Place place;
  const Storage storage = place.builder()
                              .with_durability(Durability::two_phase)
                              .with_memory_budget(1 << 20)
                              .with_verification(Verification::always)
                              .with_reader_slots(17)
                              .build()
                              .value();
  CHECK(storage.options().durability == Durability::two_phase);
  CHECK(storage.options().memory_budget == 1 << 20);
  CHECK(storage.options().verification == Verification::always);
  CHECK(storage.options().reader_slots == 17);
  CHECK(storage.options().access == Access::read_write);
}

TEST_CASE("a storage whose commits are resident is for one process") {
  Place place;
  auto builder = place.builder();
  builder.with_durability(Durability::resident);
  CHECK(builder.build().value().options().sharing == Sharing::exclusive);
  const auto shared = builder.with_sharing(Sharing::shared).build();
  REQUIRE_FALSE(shared.has_value());
  CHECK(shared.error().code() == ErrorCode::invalid_argument);
}

TEST_CASE("a storage with a redo log is for one process, and records its commits") {
  Place place;
  auto builder = place.builder();
  builder.with_redo_log(std::uint64_t{1} << 16);
  {
    Storage storage = builder.build().value();
    CHECK(storage.options().sharing == Sharing::exclusive);
    auto table = storage.new_table<std::uint64_t, std::string>("texts").build().value();
    REQUIRE(table.put(1, "one"));
    const std::uint64_t before = storage.statistics().value().pages_written;
    REQUIRE(table.put(2, "two"));
    auto txn = storage.begin_write().value();
    REQUIRE(txn.table(table).put(3, "three"));
    REQUIRE(txn.table(table).erase(1));
    CHECK(std::move(txn).commit().value().is_durable);
    CHECK(storage.statistics().value().pages_written == before);
  }
  Storage storage = place.open();
  auto table = storage.new_table<std::uint64_t, std::string>("texts").build().value();
  CHECK(table.size().value() == 2);
  CHECK(**table.get(3).value() == "three");
  const auto shared = builder.with_sharing(Sharing::shared).build();
  REQUIRE_FALSE(shared.has_value());
  CHECK(shared.error().code() == ErrorCode::invalid_argument);
}

// Law: commits stay in memory only where nobody else may have the file open.
TEST_CASE("resident commits of a storage stay in memory where no process shares its file") {
  for (const Place::Kind kind : Place::all) {
    for (const Sharing sharing : {Sharing::exclusive, Sharing::shared}) {
      Place place(kind);
      Storage storage =
          place.builder().with_sharing(sharing).with_background_sync({}).build().value();
      auto table = storage.new_table<std::uint64_t, std::string>("texts").build().value();
      const std::uint64_t before = storage.statistics().value().pages_written;
      REQUIRE(table.put(1, "one", Durability::resident));
      CHECK(**table.get(1).value() == "one");
      const bool is_shared = kind == Place::Kind::file && sharing == Sharing::shared;
      CHECK((storage.statistics().value().pages_written != before) == is_shared);
      REQUIRE(table.put(2, "two", Durability::full));
      REQUIRE(table.put(3, "three", Durability::resident));
      REQUIRE(storage.close());
      storage = place.open();
      CHECK(storage.new_table<std::uint64_t, std::string>("texts").build().value().size().value() ==
            3);
    }
  }
}

// Law: a buffered commit waits for a sync once so much was written without one, and not before.
TEST_CASE("a storage syncs after as many bytes as its builder says") {
  struct Cost {
    std::uint64_t pages_written;
    std::uint64_t syncs;
  };
  const auto cost_with = [](std::uint64_t sync_after) {
    Place place(Place::Kind::file);
    Storage storage = place.builder()
                          .with_durability(Durability::buffered)
                          .with_background_sync({})
                          .with_sync_after(sync_after)
                          .build()
                          .value();
    auto table = storage.new_table<std::uint64_t, std::string>("texts").build().value();
    const Statistics before = storage.statistics().value();
    for (std::uint64_t number = 0; number < 200; ++number) table.put(number, "text").value();
    const Statistics after = storage.statistics().value();
    return Cost{after.pages_written - before.pages_written, after.syncs - before.syncs};
  };
  const Cost cost = cost_with(40 * std::uint64_t{4096});
  CHECK(cost.pages_written >= 200);
  CHECK(cost.syncs >= cost.pages_written / 80);
  CHECK(cost.syncs <= cost.pages_written / 40 + 2);
  CHECK(cost_with(std::numeric_limits<std::uint64_t>::max()).syncs == 0);
}

TEST_CASE("each storage in memory is another, and touches no file") {
  TemporaryDirectory directory;
  const auto builder = StorageBuilder(directory / "storage").with_backend(backend::memory);
  std::optional<Storage> one(builder.build().value());
  const Storage two = builder.build().value();
  auto table = one->new_table<int, int>("table").build().value();
  REQUIRE(table.put(1, 2).has_value());
  CHECK(two.tables().value().empty());
  CHECK(directory.is_empty());
  one.reset();
  REQUIRE(table.put(3, 4).has_value());
  CHECK(**table.get(1).value() == 2);
  CHECK(two.check().value().is_clean());
}

TEST_CASE("the last backend that is named is taken") {
  TemporaryDirectory directory;
  Place place;
  auto builder = place.builder(directory / "storage");
  builder.with_backend(backend::memory).with_backend(backend::native);
  REQUIRE(builder.build().has_value());
  CHECK_FALSE(directory.is_empty());
}

}  // namespace
}  // namespace quire::test
