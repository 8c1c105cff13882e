#include "quire/engine/txn/creation.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/crash_disk.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

using FileIdBytes = std::array<std::uint8_t, 16>;

std::string bytes_of(FileSystem& files, const std::string& path) {
  const std::unique_ptr<File> file = files.open(path, Access::read_only).value();
  const std::uint64_t size = file->size().value();
  return std::string(as_text(file->map(size).value().first(size)));
}

TEST_CASE("a new file of any page size is an empty database, and stays one") {
  for (std::uint32_t page_size = layout::min_page_size; page_size <= layout::max_page_size;
       page_size *= 2) {
    CAPTURE(page_size);
    Store store({.page_size = page_size});
    const FileIdBytes id = store.statistics().file_id;
    CHECK(store.database().options().page_size == page_size);
    CHECK(store.snapshot().tables().value().empty());
    require_sound(store.database());
    store.reopen();
    CHECK(store.statistics().file_id == id);
    CHECK(store.statistics().page_size == page_size);
    const NamedTable table = store.table("t");
    store.reopen();
    CHECK(content(store.snapshot(), table).empty());
    require_sound(store.database());
  }
}

TEST_CASE("the page size of an opening counts only for a new file") {
  MemoryFileSystem files;
  {
    const Database made = Database::open("a", {.page_size = 8192, .file_system = &files}).value();
  }
  const Database opened = Database::open("a", {.page_size = 4096, .file_system = &files}).value();
  CHECK(opened.options().page_size == 8192);
}

TEST_CASE("opening without changing anything leaves every byte as it is") {
  MemoryFileSystem files;
  {
    const Database made = Database::open("a", {.file_system = &files}).value();
  }
  const std::string before = bytes_of(files, "a");
  {
    const Database opened = Database::open("a", {.file_system = &files}).value();
  }
  CHECK((bytes_of(files, "a") == before));
}

TEST_CASE("an empty file is taken for a new one") {
  MemoryFileSystem files;
  files.add_file("a", {}).value();
  const Database database = Database::open("a", {.file_system = &files}).value();
  require_sound(database);
  CHECK_FALSE(bytes_of(files, "a").empty());
}

TEST_CASE("a file that is something else is refused and left alone") {
  const std::string texts[] = {"x", std::string(4096, '\0'), std::string(100'000, 'y'),
                               std::string(200'000, '\0')};
  for (const std::string& text : texts) {
    const std::size_t size = text.size();
    CAPTURE(size);
    MemoryFileSystem files;
    files.add_file("a", as_bytes(text)).value();
    CHECK(code_of(Database::open("a", {.file_system = &files})) == ErrorCode::not_a_database);
    CHECK((bytes_of(files, "a") == text));
  }
}

TEST_CASE("nothing is made where nothing was asked for") {
  MemoryFileSystem files;
  CHECK(code_of(Database::open("a", {.create = Create::never, .file_system = &files})) ==
        ErrorCode::file_missing);
  CHECK(code_of(Database::open("a", {.access = Access::read_only, .file_system = &files})) ==
        ErrorCode::file_missing);
  CHECK(code_of(files.open("a", Access::read_only)) == ErrorCode::file_missing);
  files.add_file("a", {}).value();
  CHECK(code_of(Database::open("a", {.create = Create::never, .file_system = &files})) ==
        ErrorCode::not_a_database);
  CHECK(code_of(Database::open("a", {.access = Access::read_only, .file_system = &files})) ==
        ErrorCode::not_a_database);
  CHECK(bytes_of(files, "a").empty());
}

TEST_CASE("impossible options are refused before any file is touched") {
  MemoryFileSystem files;
  const std::vector<Options> impossible = {{.page_size = 0},      {.page_size = 2048},
                                           {.page_size = 5000},   {.page_size = 131072},
                                           {.map_reserve = 4096}, {.reader_slots = 0}};
  for (std::size_t index = 0; index < impossible.size(); ++index) {
    CAPTURE(index);
    Options options = impossible[index];
    options.file_system = &files;
    CHECK(code_of(Database::open("a", options)) == ErrorCode::invalid_argument);
    CHECK(code_of(files.open("a", Access::read_only)) == ErrorCode::file_missing);
  }
}

/// Threads that open one path at once; the databases that they got, and how many found it busy.
struct Race {
  explicit Race(MemoryFileSystem& files, std::size_t thread_count) : results(thread_count) {
    std::atomic<bool> may_start = false;  // outlives the threads, which end at their join
    std::vector<std::jthread> threads;
    for (std::optional<Result<Database>>& mine : results) {
      threads.emplace_back([&] {
        may_start.wait(false);
        mine.emplace(Database::open("a", {.file_system = &files}));
      });
    }
    may_start = true;
    may_start.notify_all();
  }
  std::vector<std::optional<Result<Database>>> results;
};

void require_one_winner(MemoryFileSystem& files) {
  FileIdBytes id{};
  {
    const Race race(files, 4);
    std::size_t winners = 0;
    for (const auto& result : race.results) {
      if (result->has_value()) {
        ++winners;
        id = (*result)->statistics().value().file_id;
      } else {
        REQUIRE(result->error().code() == ErrorCode::busy);
      }
    }
    REQUIRE(winners == 1);
  }
  const Database again = Database::open("a", {.file_system = &files}).value();
  REQUIRE(again.statistics().value().file_id == id);
  require_sound(again);
}

// Law: of those who create one file at once, one does; the others find its file.
TEST_CASE("creators that race make one file") {
  for (std::size_t round = 0; round < scaled(100); ++round) {
    MemoryFileSystem files;
    require_one_winner(files);
  }
}

TEST_CASE("creators that race for an empty file make one file") {
  for (std::size_t round = 0; round < scaled(100); ++round) {
    MemoryFileSystem files;
    files.add_file("a", {}).value();
    require_one_winner(files);
  }
}

TEST_CASE("what an interrupted creation left is in nobody's way") {
  MemoryFileSystem files;
  for (int number = 0; number < 50; ++number)
    files.add_file("a.new-" + std::to_string(number), as_bytes("half a file")).value();
  Database database = Database::open("a", {.file_system = &files}).value();
  require_sound(database);
  database.close().value();
  const Database again =
      Database::open("a", {.create = Create::never, .file_system = &files}).value();
  require_sound(again);
}

// Law: whichever call fails while a file is created, the path leads to nothing or to a whole
// database, and the next attempt succeeds.
TEST_CASE("a creation whose calls fail leaves nothing half done") {
  std::size_t calls = 0;
  {
    CrashDisk disk;
    const Database made = Database::open("a", {.file_system = &disk}).value();
    calls = disk.call_count();
  }
  for (const bool is_there : {false, true}) {
    for (std::size_t number = 0; number < calls + 3; ++number) {
      CAPTURE(is_there);
      CAPTURE(number);
      CrashDisk disk;
      if (is_there) disk.add_file("a", {});
      disk.fail({.number = number, .error = ENOSPC});
      Result<Database> first = Database::open("a", {.file_system = &disk});
      if (first) first->close().value();
      disk.heal();
      if (!first) {
        const ErrorCode code = first.error().code();
        CHECK((code == ErrorCode::no_space || code == ErrorCode::io_failed));
      }
      const Database second = Database::open("a", {.file_system = &disk}).value();
      require_sound(second);
    }
  }
}

}  // namespace
}  // namespace quire
