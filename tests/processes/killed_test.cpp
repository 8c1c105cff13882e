// A process is killed at each call that it makes on the data file; another one goes on.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "processes/killed_writer.hpp"
#include "processes/other_process.hpp"
#include "processes/shared_file.hpp"
#include "support/killing_files.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t transactions = 8;

/// What transaction number n leaves: a count, and a large value that is another each time.
void put_step(WriteTransaction& txn, const NamedTable& table, std::uint64_t number) {
  put(txn, table, "count", std::to_string(number));
  put(txn, table, "large", std::string(20'000, static_cast<char>('a' + number % 26)));
  for (std::uint64_t key = 0; key < 60; ++key)
    put(txn, table, key_of(key), std::string(200, static_cast<char>('a' + number % 26)));
}

/// Law: the state is that of one transaction, whole.
std::uint64_t count_of(const Database& database, const NamedTable& table) {
  const Snapshot snapshot = database.snapshot().value();
  const std::uint64_t count = std::stoull(get(snapshot, table, "count").value());
  const char letter = static_cast<char>('a' + count % 26);
  REQUIRE(get(snapshot, table, "large") == std::string(20'000, letter));
  for (std::uint64_t key = 0; key < 60; ++key)
    REQUIRE(get(snapshot, table, key_of(key)) == std::string(200, letter));
  return count;
}

Durability durability_of(std::uint64_t number) {
  constexpr Durability each[] = {Durability::full, Durability::buffered, Durability::two_phase,
                                 Durability::buffered};
  return each[number % 4];
}

/// Commits in turn, and says which have returned. How many calls it made.
std::uint64_t write_steps(const std::string& path, Death death, std::uint64_t begin,
                          const Pipe& acknowledged) {
  KillingFiles files(death);
  Options options = sharing_through(files);
  options.memory_budget = 1 << 14;  // so that pages are written before the commit, too
  options.checkpoint_after = 3;
  options.log_in_slots = false;
  Database database = Database::open(path, options).value();
  const NamedTable table = find_table(database);
  files.begin();
  for (std::uint64_t number = begin; number < begin + transactions; ++number) {
    WriteTransaction txn = database.begin_write().value();
    put_step(txn, table, number);
    commit(txn, durability_of(number));
    acknowledged.send(number);
  }
  database.close().value();
  return files.calls();
}

Steps steps_of(const std::string& path, std::uint64_t begin) {
  return [path, begin](Death death, const Pipe& acknowledged) {
    return write_steps(path, death, begin, acknowledged);
  };
}

/// Law: what was acknowledged is there; the next one may be.
std::uint64_t require_kept(const Database& database, const NamedTable& table, std::uint64_t begin,
                           std::optional<std::uint64_t> last) {
  const std::uint64_t kept = last.value_or(begin - 1);
  const std::uint64_t count = count_of(database, table);
  REQUIRE(count >= kept);
  REQUIRE(count <= kept + 1);
  return count;
}

void write_step(const Database& database, const NamedTable& table, std::uint64_t number) {
  WriteTransaction txn = database.begin_write().value();
  put_step(txn, table, number);
  commit(txn);
}

/// A closed file with the first transaction.
NamedTable make_file(const std::string& path) {
  const Database database = open_shared(path);
  NamedTable table = add_table(database);
  write_step(database, table, 1);
  return table;
}

/// Each call that a writer makes, as far as the volume goes. It is tried out: the next transaction
/// is another one then.
std::vector<std::uint64_t> calls_to_die_at(const std::string& path, std::uint64_t& next) {
  const std::uint64_t count = calls_of(steps_of(path, next));
  next += transactions;
  return test::calls_to_die_at(count);
}

TEST_CASE("a process that is killed at any call leaves nothing to the others but its commits") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path);
  const NamedTable table = add_table(database);
  write_step(database, table, 1);
  std::uint64_t next = 2;
  for (const std::uint64_t call : calls_to_die_at(path, next)) {
    for (const Death::Moment moment : Death::moments) {
      CAPTURE(call);
      CAPTURE(static_cast<int>(moment));
      const auto last = kill_writer(steps_of(path, next), {call, moment});
      next = require_kept(database, table, next, last) + 1;
      REQUIRE(database.begin_write().value().txn() > newest_born(path, database));
      write_step(database, table, next);
      REQUIRE(count_of(database, table) == next);
      ++next;
      require_sound(database);
      REQUIRE(database.statistics().value().pins == 0);
    }
  }
}

TEST_CASE("the next first opener goes on from what a killed process left") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const NamedTable table = make_file(path);
  std::uint64_t next = 2;
  for (const std::uint64_t call : calls_to_die_at(path, next)) {
    CAPTURE(call);
    const auto last = kill_writer(steps_of(path, next), {call, Death::Moment::before});
    const Database database = open_shared(path);
    next = require_kept(database, table, next, last) + 1;
    require_sound(database);
  }
  CHECK_FALSE(fs::exists(path + "-lock"));
}

TEST_CASE("what the next writer does not build on does not come later") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const NamedTable table = make_file(path);
  std::uint64_t next = 2;
  for (const std::uint64_t call : calls_to_die_at(path, next)) {
    CAPTURE(call);
    OtherProcess other(path, [&](const Database& own) {
      WriteTransaction txn = own.begin_write().value();
      return std::stoull(get(txn, table, "count").value());
    });
    static_cast<void>(kill_writer(steps_of(path, next), {call, Death::Moment::after}));
    const std::uint64_t seen = other.run();
    other.kill();
    const Database database = open_shared(path);
    REQUIRE(count_of(database, table) == seen);
    next = seen + 1;
  }
}

TEST_CASE("what a killed process was syncing is written again by who waits for that sync") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  KillingFiles files({});
  const Database database = open_shared(path, sharing_through(files));
  const NamedTable table = add_table(database);
  write_step(database, table, 1);
  files.begin();
  write_step(database, table, 2);
  const std::uint64_t usual = files.writes();
  const Pipe to_parent;
  ChildProcess child([&] {
    KillingFiles own_files({});
    const Database own = open_shared(path, sharing_through(own_files));
    own_files.before_sync = [&] {
      to_parent.send(1);
      static_cast<void>(::pause());
    };
    write_step(own, table, 3);
    return 0;
  });
  // Its first sync is that of the id ceiling.
  REQUIRE(to_parent.receive().has_value());
  files.begin();
  std::jthread waiter([&] {
    // It names its state, and waits for the sync lock, now or after the kill.
    write_step(database, table, 4);
  });
  child.kill();
  waiter.join();
  CHECK(files.writes() > usual);
  CHECK(count_of(database, table) == 4);
  require_sound(database);
}

TEST_CASE("the pins of a killed reader go, and its slots come back") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  Options few = sharing();
  few.reader_slots = 4;
  const Database database = open_shared(path, few);
  const NamedTable table = add_table(database);
  for (int round = 0; round < 10; ++round) {
    const Pipe to_parent;
    ChildProcess child([&] {
      const Database own = open_shared(path);
      const Snapshot held = own.snapshot().value();
      to_parent.send(1);
      static_cast<void>(::pause());
      return 0;
    });
    REQUIRE(to_parent.receive().has_value());
    REQUIRE(database.statistics().value().pins == 1);
    child.kill();
    store(database, table, "key", std::to_string(round));
    REQUIRE(database.statistics().value().pins == 0);
  }
}

TEST_CASE("slots of killed readers serve the living, without a writer that comes along") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  Options few = sharing();
  few.reader_slots = 4;
  const Database database = open_shared(path, few);
  // A thread that comes needs a slot of its own.
  const auto can_read = [&] {
    bool can = false;
    std::jthread([&] { can = database.snapshot().has_value(); }).join();
    return can;
  };
  std::optional<Snapshot> held;  // one in each process
  const auto hold = [&](const Database& own) {
    held = own.snapshot().value();
    return held->txn().value;
  };
  for (int round = 0; round < 5; ++round) {
    CAPTURE(round);
    std::vector<std::unique_ptr<OtherProcess>> readers;
    for (std::uint32_t slot = 0; slot < few.reader_slots; ++slot) {
      readers.push_back(std::make_unique<OtherProcess>(path, hold));
      readers.back()->run();
    }
    CHECK_FALSE(can_read());
    for (const auto& reader : readers) reader->kill();
    CHECK(can_read());
  }
}

}  // namespace
}  // namespace quire::test
