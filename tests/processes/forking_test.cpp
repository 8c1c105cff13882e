// Forked children of a process that has a database open.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>

#include "processes/shared_file.hpp"
#include "processes/watched_files.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

/// Every way to use what was inherited gives `closed`, and has no effect.
int use_inherited(Database& database, const NamedTable& table, WriteTransaction& txn) {
  const auto is_closed = [](const auto& result) {
    return !result && result.error().code() == ErrorCode::closed;
  };
  const Bytes key = as_bytes("key");
  if (!is_closed(database.snapshot())) return 1;
  if (!is_closed(database.get(table.id, table.name, key))) return 2;
  if (!is_closed(database.begin_write())) return 3;
  if (!is_closed(database.try_begin_write())) return 4;
  if (!is_closed(database.sync())) return 5;
  if (!is_closed(database.check())) return 6;
  if (!is_closed(database.statistics())) return 7;
  if (!is_closed(txn.put(table.id, table.name, key, key, PutMode::upsert))) return 8;
  if (!is_closed(std::move(txn).commit())) return 9;
  if (!is_closed(database.close())) return 10;
  return 0;
}

TEST_CASE("a forked child cannot use its parent's handles, and harms nobody by dropping them") {
  for (const Sharing kind : {Sharing::exclusive, Sharing::shared}) {
    CAPTURE(static_cast<int>(kind));
    const TemporaryDirectory directory;
    Options options;
    options.sharing = kind;
    std::optional<Database> database = open_shared(directory / "file", options);
    const NamedTable table = add_table(*database);
    store(*database, table, "key", "value");
    std::optional<Snapshot> snapshot = database->snapshot().value();
    std::optional<PinnedValue> guard = database->get(table.id, table.name, as_bytes("key")).value();
    std::optional<WriteTransaction> txn = database->begin_write().value();
    put(*txn, table, "key", "of the parent");
    ChildProcess child([&] {
      if (const int wrong = use_inherited(*database, table, *txn); wrong != 0) return wrong;
      if (snapshot->table("t")) return 11;
      guard.reset();
      snapshot.reset();
      txn.reset();
      database.reset();
      return 0;
    });
    CHECK(child.wait() == 0);
    commit(*txn);
    CHECK(get(*snapshot, table, "key") == "value");
    CHECK(as_text(guard->bytes) == "value");
    CHECK(database->statistics().value().pins == 2);
    CHECK(look(*database, table, "key") == "of the parent");
    require_sound(*database);
  }
}

TEST_CASE("a forked child may open the file itself, where it can be shared") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path);
  const NamedTable table = add_table(database);
  ChildProcess child([&] {
    const Database own = open_shared(path);
    const Database second = open_shared(path);
    if (own.identity() != second.identity() || own.identity() == database.identity()) return 1;
    store(own, table, "key", "of the child");
    return look(second, table, "key") == "of the child" ? 0 : 2;
  });
  CHECK(child.wait() == 0);
  CHECK(look(database, table, "key") == "of the child");
}

TEST_CASE("a child that lives on keeps none of its parent's locks") {
  for (const Sharing kind : {Sharing::exclusive, Sharing::shared}) {
    CAPTURE(static_cast<int>(kind));
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    Options options;
    options.sharing = kind;
    std::optional<Database> database = open_shared(path, options);
    std::optional<PinnedValue> guard;
    const NamedTable table = add_table(*database);
    store(*database, table, "key", "value");
    guard = database->get(table.id, table.name, as_bytes("key")).value();
    const Pipe to_child;
    const Pipe to_parent;
    ChildProcess child([&] {
      to_parent.send(1);
      static_cast<void>(to_child.receive());
      return 0;
    });
    REQUIRE(to_parent.receive().has_value());
    guard.reset();
    database->close().value();
    database.reset();
    CHECK(Database::open(path).has_value());
    to_child.send(1);
    CHECK(child.wait() == 0);
  }
}

TEST_CASE("threads that are in the midst of something do not trouble a child") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::optional<Database> database = open_shared(path);
  const NamedTable table = add_table(*database);
  std::jthread writer([&](const std::stop_token& stop) {
    for (int round = 0; !stop.stop_requested(); ++round)
      store(*database, table, key_of(static_cast<std::uint64_t>(round % 50)), "value");
  });
  for (int round = 0; round < 50; ++round) {
    ChildProcess child([&] {
      if (database->snapshot() || database->close()) return 1;
      const Database own = open_shared(path);
      store(own, table, "child", std::to_string(round));
      database.reset();
      return look(own, table, "child") == std::to_string(round) ? 0 : 2;
    });
    CHECK(child.wait() == 0);
  }
  writer = {};
  require_sound(*database);
}

/// Whether this process has a file of that directory open or mapped.
bool has_anything_of(const std::string& directory) {
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code error;  // of the iterator's own, which is gone by then
    if (fs::read_symlink(entry, error).string().starts_with(directory)) return true;
  }
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(directory) != std::string::npos) return true;
  return false;
}

/// What a child finds and does that was forked while another thread opened the file.
int open_in_child(const TemporaryDirectory& directory, const std::string& value) {
  if (has_anything_of(directory / "")) return 1;
  const Database own = open_shared(directory / "file");
  const NamedTable table = find_table(own);
  store(own, table, "child", value);
  return look(own, table, "child") == value ? 0 : 2;
}

TEST_CASE("a child that is forked at any call of an opening inherits nothing, and may open, too") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  static_cast<void>(add_table(open_shared(path)));
  for (std::uint64_t number = 1, calls = 1; number <= calls; ++number) {
    CAPTURE(number);
    WatchedFiles files;
    std::binary_semaphore is_there(0);
    std::binary_semaphore may_go_on(0);
    files.act_before([&](const FileCall& call) {
      if (call.number != number) return;
      is_there.release();
      may_go_on.acquire();
    });
    std::optional<Database> opened;
    std::jthread opener([&] { opened = open_shared(path, sharing_through(files)); });
    is_there.acquire();
    ChildProcess child([&] { return open_in_child(directory, std::to_string(number)); });
    may_go_on.release();
    CHECK(child.wait() == 0);
    opener.join();
    calls = files.calls();
    CHECK(look(*opened, find_table(*opened), "child") == std::to_string(number));
    require_sound(*opened);
  }
}

TEST_CASE("a child that is forked while another thread opens and closes inherits nothing of that") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  static_cast<void>(add_table(open_shared(path)));
  std::jthread opener([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) open_shared(path).close().value();
  });
  for (std::size_t round = 0; round < scaled(100); ++round) {
    ChildProcess child([&] { return open_in_child(directory, std::to_string(round)); });
    CHECK(child.wait() == 0);
  }
  opener = {};
  require_sound(open_shared(path));
}

}  // namespace
}  // namespace quire::test
