// A process that records its commits in a redo log is killed at each call that it makes on the data
// file; the next one, which has the file for itself or shares it, finds all of them.
#include <doctest/doctest.h>

#include <string>

#include "processes/killed_writer.hpp"
#include "processes/shared_file.hpp"
#include "support/killing_files.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t transactions = 30;
constexpr std::uint64_t keys = 7;

Options recording(FileSystem* files = nullptr) {
  Options options;
  options.redo_log_size = std::uint64_t{4} * layout::default_page_size;
  options.file_system = files;
  return options;
}

/// What transaction number n leaves. The log is full now and then.
void put_step(WriteTransaction& txn, const NamedTable& table, std::uint64_t number) {
  put(txn, table, "count", std::to_string(number));
  for (std::uint64_t key = 0; key < keys; ++key)
    put(txn, table, key_of(number * key % 50), std::to_string(number));
}

/// Law: the state is that of one transaction, whole.
std::uint64_t count_of(const Database& database, const NamedTable& table) {
  const Snapshot snapshot = database.snapshot().value();
  const std::uint64_t count = std::stoull(get(snapshot, table, "count").value());
  for (std::uint64_t key = 0; key < keys; ++key)
    REQUIRE(get(snapshot, table, key_of(count * key % 50)) == std::to_string(count));
  return count;
}

/// Commits in turn, and says which have returned.
std::uint64_t write_steps(const std::string& path, Death death, std::uint64_t begin,
                          const Pipe& acknowledged) {
  KillingFiles files(death);
  Database database = Database::open(path, recording(&files)).value();
  const NamedTable table = find_table(database);
  files.begin();
  for (std::uint64_t number = begin; number < begin + transactions; ++number) {
    WriteTransaction txn = database.begin_write().value();
    put_step(txn, table, number);
    commit(txn, number % 3 == 0 ? Durability::full : Durability::buffered);
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

NamedTable make_file(const std::string& path) {
  const Database database = Database::open(path, recording()).value();
  NamedTable table = add_table(database);
  WriteTransaction txn = database.begin_write().value();
  put_step(txn, table, 1);
  commit(txn);
  return table;
}

// Law: what was acknowledged is there, be it buffered; the one that was being committed may be.
TEST_CASE("a process that is killed while it records loses none of its commits") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const NamedTable table = make_file(path);
  std::uint64_t next = 2;
  const std::uint64_t count = calls_of(steps_of(path, next));
  next += transactions;
  std::uint64_t round = 0;
  for (const std::uint64_t call : calls_to_die_at(count)) {
    for (const Death::Moment moment : Death::moments) {
      CAPTURE(call);
      CAPTURE(static_cast<int>(moment));
      const std::uint64_t kept =
          kill_writer(steps_of(path, next), {call, moment}).value_or(next - 1);
      const bool is_shared = ++round % 3 == 0;
      const Database database =
          is_shared ? open_shared(path) : Database::open(path, recording()).value();
      const std::uint64_t found = count_of(database, table);
      REQUIRE(found >= kept);
      REQUIRE(found <= kept + 1);
      if (round % 2 == 0) require_sound(database);
      next = found + 1;
    }
  }
}

}  // namespace
}  // namespace quire::test
