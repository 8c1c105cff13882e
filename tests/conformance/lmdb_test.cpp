// What is special about storages over LMDB: choices, limits, and what they do not have.

#include <doctest/doctest.h>
#include <quire/api/lmdb.hpp>
#include <quire/quire.hpp>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "conformance/places.hpp"

namespace quire::test {
namespace {

template <class StorageType>
concept IsChecked = requires(const StorageType& storage) { storage.check(); };
template <class StorageType>
concept HasStatistics = requires(const StorageType& storage) { storage.statistics(); };
template <class StorageType>
concept HasReaders = requires(const StorageType& storage) { storage.readers(); };
template <class StorageType>
concept TakesTurns = requires(StorageType& storage) { storage.try_begin_write(); };
template <class StorageType>
concept HasOptions = requires(const StorageType& storage) { storage.options(); };

// Law: what a backend has no meaning for cannot be written down.
static_assert(IsChecked<Storage> && !IsChecked<LmdbStorage>);
static_assert(HasStatistics<Storage> && !HasStatistics<LmdbStorage>);
static_assert(HasReaders<Storage> && !HasReaders<LmdbStorage>);
static_assert(TakesTurns<Storage> && !TakesTurns<LmdbStorage>);
static_assert(HasOptions<Storage> && !HasOptions<LmdbStorage>);
static_assert(MigratesTables<backend::Native> && !MigratesTables<backend::Lmdb>);
static_assert(ReservesValues<backend::Lmdb> && !ReservesAligned<backend::Lmdb>);
static_assert(WritesInPieces<backend::Native> && !WritesInPieces<backend::Lmdb>);
static_assert(Backend<backend::Native> && Backend<backend::Lmdb> && !Backend<backend::Memory>);

TEST_CASE("what LMDB cannot honour is refused, by name, and nothing is made") {
  TemporaryDirectory directory;
  using Builder = BasicStorageBuilder<backend::Lmdb>;
  const auto check_refused = [&](const Builder& builder, std::string_view reason) {
    CAPTURE(reason);
    const auto storage = builder.build();
    REQUIRE(code_of(storage) == ErrorCode::invalid_argument);
    CHECK(storage.error().message().contains(reason));
    CHECK(directory.is_empty());
  };
  const auto builder = [&] {
    return StorageBuilder(directory / "storage").with_backend(backend::lmdb);
  };
  check_refused(StorageBuilder("").with_backend(backend::lmdb), "path");
  check_refused(builder().with_page_size(4096), "page size");
  check_refused(builder().with_durability(Durability::resident), "buffered");
  check_refused(builder().with_background_sync({.interval = std::chrono::seconds(1)}), "sync()");
  check_refused(builder().with_sync_after(std::uint64_t{1} << 30), "not synced");
  check_refused(builder().with_sharing(Sharing::exclusive), "exclusive");
  check_refused(builder().with_memory_budget(1 << 20), "memory budget");
  check_refused(builder().with_redo_log(), "redo log");
  check_refused(builder().with_verification(Verification::always), "checksums");
  check_refused(builder().with_reader_limits({}), "oust");
  check_refused(builder().with_poisoned_free_pages(), "poison");
  check_refused(builder().with_access(Access::read_only).with_create(Create::if_missing),
                "read-only");
  // What was chosen before the backend counts as well.
  StorageBuilder paged(directory / "storage");
  paged.with_page_size(4096);
  check_refused(paged.with_backend(backend::lmdb), "page size");
}

TEST_CASE("a file of LMDB's is made, found, missed and told from others") {
  TemporaryDirectory directory;
  const auto builder = [&](const std::string& name = "storage") {
    return StorageBuilder(directory / name).with_backend(backend::lmdb);
  };
  CHECK(code_of(builder().with_create(Create::never).build()) == ErrorCode::file_missing);
  CHECK(code_of(builder().with_access(Access::read_only).build()) == ErrorCode::file_missing);
  CHECK(directory.is_empty());
  {
    auto storage = builder().build().value();
    table_in<std::uint32_t, std::string>(storage).put(1, "one").value();
    CHECK(storage.path() == directory / "storage");
  }
  auto readable = builder().with_access(Access::read_only).build().value();
  auto table = readable.open_table<std::uint32_t, std::string>("table").build().value();
  CHECK(**table.get(1).value() == "one");
  CHECK(code_of(table.put(1, "two")) == ErrorCode::read_only);
  CHECK(code_of(readable.new_table<int, int>("new").build()) == ErrorCode::read_only);
  std::ofstream(directory / "text") << std::string(10000, 'x');
  CHECK(code_of(builder("text").build()) == ErrorCode::not_a_database);
  CHECK(code_of(builder("none/storage").build()) == ErrorCode::file_missing);
}

TEST_CASE("a file that is open is shared by those who open it alike") {
  TemporaryDirectory directory;
  const auto builder = [&] {
    return StorageBuilder(directory / "storage").with_backend(backend::lmdb);
  };
  auto one = builder().build().value();
  auto two = builder().build().value();
  CHECK(code_of(builder().with_durability(Durability::buffered).build()) == ErrorCode::busy);
  auto table = table_in<std::uint32_t, std::string>(one);
  table.put(1, "one").value();
  one.close().value();
  CHECK(code_of(table.get(1)) == ErrorCode::closed);
  CHECK(code_of(one.snapshot()) == ErrorCode::closed);
  CHECK(code_of(one.close()) == ErrorCode::closed);
  CHECK(**table_in<std::uint32_t, std::string>(two).get(1).value() == "one");
}

TEST_CASE("a full map is a clean error") {
  TemporaryDirectory directory;
  auto storage = StorageBuilder(directory / "storage")
                     .with_backend(backend::lmdb)
                     .with_durability(Durability::buffered)
                     .with_map_reserve(1 << 20)
                     .build()
                     .value();
  auto table = table_in<std::uint32_t, std::string>(storage);
  table.put(0, "there").value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  Status put;
  for (std::uint32_t key = 1; put; ++key) put = editor.put(key, std::string(3000, 'x'));
  CHECK(code_of(put) == ErrorCode::full);
  CHECK(put.error().message().contains("MDB_MAP_FULL"));
  CHECK(code_of(editor.put(1, "x")) == ErrorCode::transaction_broken);
  CHECK(code_of(std::move(txn).commit()) == ErrorCode::transaction_broken);
  CHECK(table.size().value() == 1);
  table.put(1, "still").value();
  CHECK(**table.get(1).value() == "still");
}

TEST_CASE("each state that is kept takes a reader slot") {
  TemporaryDirectory directory;
  auto storage = StorageBuilder(directory / "storage")
                     .with_backend(backend::lmdb)
                     .with_durability(Durability::buffered)
                     .with_reader_slots(4)
                     .build()
                     .value();
  auto table = table_in<std::uint32_t, std::uint32_t>(storage);
  std::vector<LmdbStorageSnapshot> snapshots;
  std::optional<ErrorCode> ended;
  for (std::uint32_t number = 0; !ended && number < 100; ++number) {
    auto snapshot = storage.snapshot();
    if (!snapshot) ended = snapshot.error().code();
    if (!snapshot) break;
    snapshots.push_back(*std::move(snapshot));
    snapshots.push_back(storage.snapshot().value());
    table.put(number, number).value();
  }
  CHECK(ended == ErrorCode::too_many_readers);
  CHECK(snapshots.size() == 8);
  snapshots.clear();
  CHECK(storage.snapshot().has_value());
}

}  // namespace
}  // namespace quire::test
