// Several openings of one file in one process.
#include "quire/engine/txn/opening.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "quire/engine/file/posix_file.hpp"
#include "support/temporary_directory.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

Database open(const std::string& path, const Options& options = {}) {
  return Database::open(path, options).value();
}

bool has(const Database& database, const NamedTable& table, std::string_view key) {
  return look(database, table, key).has_value();
}

/// Whether another process could open the file for writing.
bool is_free(const std::string& path) {
  return posix_file_system().open(path, Access::read_write).value()->lock_exclusive().has_value();
}

TEST_CASE("a file has one engine in a process, by whatever path it is opened") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database first = open(path);
  const NamedTable table = add_table(first);
  fs::create_symlink(path, directory / "symlink");
  fs::create_hard_link(path, directory / "hardlink");
  std::vector<Database> others = {open(path), open(directory / "symlink"),
                                  open(directory / "hardlink"), open(directory / "./file")};
  fs::rename(path, directory / "renamed");
  others.push_back(open(directory / "renamed"));
  for (std::size_t index = 0; index < others.size(); ++index) {
    CAPTURE(index);
    CHECK(others[index].identity() == first.identity());
    store(others[index], table, key_of(index));
    CHECK(has(first, table, key_of(index)));
  }
  const WriteTransaction txn = first.begin_write().value();
  CHECK(code_of(others[0].begin_write()) == ErrorCode::wrong_thread);
  CHECK(open(path).identity() != first.identity());  // another file now
}

// Law: who opens and closes the file elsewhere in the process, as a copying program does, frees
// nothing.
TEST_CASE("a stray opening of the file drops no lock") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::optional<Database> database = open(path);
  REQUIRE_FALSE(is_free(path));
  {
    std::ifstream stray(path);
  }
  {
    const auto stray = posix_file_system().open(path, Access::read_write);
  }
  CHECK_FALSE(is_free(path));
  database.reset();
  CHECK(is_free(path));
}

TEST_CASE("each opening closes for itself, and the last one frees the file") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  Database first = open(path, {.durability = Durability::buffered});
  const Database copy = first;
  const NamedTable table = add_table(first);
  Database second = open(path);
  const CommitTicket ticket = store(first, table, "key").ticket;
  CHECK_FALSE(ticket.is_durable().value());
  REQUIRE(first.close());
  CHECK(ticket.is_durable().value());
  CHECK(code_of(first.snapshot()) == ErrorCode::closed);
  CHECK(code_of(copy.begin_write()) == ErrorCode::closed);
  CHECK(has(second, table, "key"));
  store(second, table, "other");
  REQUIRE(first.close());  // once more does no harm
  CHECK_FALSE(is_free(path));
  REQUIRE(second.close());
  CHECK(is_free(path));
  CHECK(has(open(path), table, "other"));
}

// Law: copies of a handle that close at once close one opening.
TEST_CASE("copies that close at once leave other openings alone") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database other = open(path);
  const NamedTable table = add_table(other);
  for (std::size_t round = 0; round < scaled(100); ++round) {
    Database first = open(path, {.durability = Durability::buffered});
    Database copy = first;
    store(first, table, key_of(round));  // so that closing takes a while
    std::jthread closer([&] { static_cast<void>(copy.close()); });
    REQUIRE(first.close());
    closer.join();
    REQUIRE(has(other, table, key_of(round)));
  }
}

TEST_CASE("a closed handle of one opening keeps nothing open for another") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  Database closed = open(path);
  const NamedTable table = add_table(closed);
  {
    const Database other = open(path, {.durability = Durability::buffered});
    REQUIRE(closed.close());
    store(other, table, "key");
    CHECK_FALSE(is_free(path));
  }
  CHECK(is_free(path));
  CHECK(has(open(path), table, "key"));
}

TEST_CASE("a transaction keeps the opening that it began in") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::optional<Database> database = open(path);
  const NamedTable table = add_table(*database);
  std::optional<WriteTransaction> txn = database->begin_write().value();
  database.reset();
  CHECK_FALSE(is_free(path));
  put(*txn, table, "key", "value");
  commit(*txn);
  CHECK(is_free(path));
  CHECK(has(open(path), table, "key"));
}

TEST_CASE("the last opening does not close under a write transaction") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  Database first = open(path);
  Database second = open(path);
  const NamedTable table = add_table(first);
  std::optional<WriteTransaction> txn = first.begin_write().value();
  CHECK(second.close().has_value());
  CHECK(code_of(first.close()) == ErrorCode::busy);
  put(*txn, table, "key", "value");
  commit(*txn);
  CHECK(has(first, table, "key"));
  CHECK(first.close().has_value());
}

// Law: closing waits for no transaction, whatever would have to be written first.
TEST_CASE("no opening closes under another thread's transaction while its commits are in memory") {
  for (const int openings : {1, 2}) {
    CAPTURE(openings);
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    Database database = open(path, {.durability = Durability::resident});
    const NamedTable table = add_table(database);
    const CommitTicket ticket = store(database, table, "key").ticket;
    std::optional<Database> other;
    if (openings == 2) other = open(path);
    std::binary_semaphore has_begun(0);
    std::binary_semaphore may_end(0);
    std::jthread writer([&] {
      const WriteTransaction txn = database.begin_write().value();
      has_begun.release();
      may_end.acquire();
    });
    has_begun.acquire();
    CHECK(code_of(database.close()) == ErrorCode::busy);
    CHECK(has(database, table, "key"));
    may_end.release();
    writer.join();
    REQUIRE(database.close());
    CHECK(ticket.is_durable().value());
  }
}

TEST_CASE("an opening has its own access and durability") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database writing = open(path, {.durability = Durability::buffered});
  const NamedTable table = add_table(writing);
  const Database full = open(path);
  Database reading = open(path, {.access = Access::read_only});
  CHECK_FALSE(store(writing, table, "a").is_durable);
  CHECK(store(full, table, "b").is_durable);
  CHECK(has(reading, table, "b"));
  CHECK(code_of(reading.begin_write()) == ErrorCode::read_only);
  CHECK(code_of(reading.sync()) == ErrorCode::read_only);
  CHECK(reading.options().access == Access::read_only);
  CHECK(reading.close().has_value());
}

// Law: nobody gets less than he asked for.
TEST_CASE("openings that cannot share are told what they differ in") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  add_table(open(path));
  const auto refusal = [&](const Options& options) {
    const Result<Database> refused = Database::open(path, options);
    REQUIRE(code_of(refused) == ErrorCode::busy);
    return refused.error().message();
  };
  {
    const Database reading = open(path, {.access = Access::read_only});
    CHECK(refusal({}).find("for reading only") != std::string::npos);
    CHECK(Database::open(path, {.access = Access::read_only}).has_value());
  }
  const Database writing = open(path);
  CHECK(refusal({.verification = Verification::always}).find("verification") != std::string::npos);
  CHECK(refusal({.background_sync = {.size = 1}}).find("background") != std::string::npos);
}

// Law: a file that this process is just closing is waited for.
TEST_CASE("an opening while the last handle goes is never told busy") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const NamedTable table = add_table(open(path));
  std::optional<Database> going = open(path);
  std::uint64_t found_busy = 0;
  for (std::size_t round = 0; round < scaled(200); ++round) {
    store(*going, table, key_of(round));  // so that there is something to close
    std::atomic<bool> is_going = false;
    std::jthread other([&] {
      is_going = true;
      going.reset();
    });
    while (!is_going) std::this_thread::yield();
    Result<Database> next = Database::open(path);
    other.join();
    if (!next) ++found_busy;
    going = next ? *std::move(next) : open(path);
  }
  CHECK(found_busy == 0);
}

TEST_CASE("threads that open and leave one file find it free or open, and lose nothing") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const NamedTable table = add_table(open(path));
  const std::size_t rounds = scaled(100);
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t round = 0; round < rounds; ++round) {
          Result<Database> database = Database::open(path, {.durability = Durability::buffered});
          if (!database) {
            ++failures;
            continue;
          }
          store(*database, table, key_of(thread * rounds + round));
          if (round % 3 == 0 && !database->close()) ++failures;
        }
      });
    }
  }
  CHECK(failures == 0);
  const Database database = open(path);
  CHECK(content(database.snapshot().value(), table).size() == 3 * rounds);
  require_sound(database);
}

}  // namespace
}  // namespace quire::test
