// Several processes that share one file.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "processes/shared_file.hpp"
#include "quire/engine/file/posix_file.hpp"
#include "support/space_bound.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE("each process sees and builds on what the others have committed") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path);
  const NamedTable table = add_table(database);
  const Pipe to_child;
  const Pipe to_parent;
  const std::size_t rounds = scaled(200);
  ChildProcess child([&] {
    const Database own = open_shared(path);
    const NamedTable found = find_table(own);
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::uint64_t number = to_child.receive().value();
      if (look(own, found, "key") != std::to_string(number)) return 1;
      store(own, found, "key", std::to_string(number + 1));
      to_parent.send(number + 1);
    }
    return own.check().value().is_clean() ? 0 : 2;
  });
  for (std::size_t round = 0; round < rounds; ++round) {
    store(database, table, "key", std::to_string(3 * round));
    to_child.send(3 * round);
    REQUIRE(to_parent.receive() == 3 * round + 1);
    REQUIRE(look(database, table, "key") == std::to_string(3 * round + 1));
  }
  CHECK(child.wait() == 0);
  require_sound(database);
}

TEST_CASE(
    "a snapshot of another process keeps its pages, and no more, however often writers restart") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path, sharing(Durability::buffered));
  const NamedTable table = add_table(database);
  const std::string old_value(3000, 'o');
  const auto fill = [&](const Database& by, const std::string& value) {
    WriteTransaction txn = by.begin_write().value();
    for (std::uint64_t key = 0; key < 100; ++key) put(txn, table, key_of(key), value);
    commit(txn);
  };
  fill(database, old_value);
  database.sync().value();
  const Pipe to_child;
  const Pipe to_parent;
  ChildProcess child([&] {
    const Database own = open_shared(path);
    const NamedTable found = find_table(own);
    const Snapshot held = own.snapshot().value();
    const Content before = content(held, found);
    to_parent.send(before.size());
    static_cast<void>(to_child.receive());
    return content(held, found) == before && before.at(key_of(7)) == old_value ? 0 : 1;
  });
  REQUIRE(to_parent.receive() == 100);
  const std::uint64_t limit = space_bound(pages_in_use(database), 1);
  for (int life = 0; life < 10; ++life) {
    ChildProcess writer([&] {
      Database own = open_shared(path, sharing(Durability::buffered));
      for (int round = 0; round < 10; ++round) {
        fill(own, std::string(3000, static_cast<char>('a' + round)));
        if (round % 5 == 0) own.sync().value();
      }
      if (life % 2 == 0) own.close().value();
      return 0;
    });
    REQUIRE(writer.wait() == 0);
  }
  // Without the rule that keeps only what the snapshot sees, this would be a hundred states.
  CHECK(page_total(database.statistics().value()) <= limit);
  to_child.send(1);
  CHECK(child.wait() == 0);
  require_sound(database);
}

TEST_CASE("the lock file is there while somebody has the file open, and no longer") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::optional<Database> database = open_shared(path);
  CHECK(fs::exists(path + "-lock"));
  const Pipe to_child;
  const Pipe to_parent;
  ChildProcess child([&] {
    Database own = open_shared(path);
    to_parent.send(1);
    static_cast<void>(to_child.receive());
    if (!fs::exists(path + "-lock")) return 1;
    own.close().value();
    return fs::exists(path + "-lock") ? 2 : 0;
  });
  REQUIRE(to_parent.receive().has_value());
  database->close().value();
  to_child.send(1);
  CHECK(child.wait() == 0);
  // Whoever is alone needs none, and finds the file as a clean close leaves it.
  const Database alone = Database::open(path).value();
  CHECK_FALSE(fs::exists(path + "-lock"));
  CHECK(alone.statistics().value().syncs == 0);
}

TEST_CASE("a guard that outlives its storage keeps its bytes while other processes write") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::optional<Database> database = open_shared(path);
  const NamedTable table = add_table(*database);
  const std::string value(2000, 'v');
  store(*database, table, "key", value);
  std::optional<PinnedValue> guard = database->get(table.id, table.name, as_bytes("key")).value();
  database->close().value();
  database.reset();
  ChildProcess child([&] {
    const Database own = open_shared(path);
    const NamedTable found = find_table(own);
    for (std::size_t round = 0; round < scaled(300); ++round)
      store(own, found, "key", std::string(2000, static_cast<char>('a' + round % 26)));
    require_sound(own);
    return own.statistics().value().pins == 1 ? 0 : 1;
  });
  CHECK(child.wait() == 0);
  CHECK(as_text(guard->bytes) == value);
  guard.reset();
  const Database again = Database::open(path).value();
  require_sound(again);
}

TEST_CASE("who wants a file for himself does not share it") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const auto opens = [&](const Options& options) { return opening_elsewhere(path, options); };
  const int busy = refused(ErrorCode::busy);
  Options reading = sharing();
  reading.access = Access::read_only;
  {
    const Database shared = open_shared(path);
    CHECK(opens({}) == busy);
    CHECK(opens(sharing()) == 0);
    CHECK(opens(reading) == 0);
  }
  {
    const Database alone = Database::open(path).value();
    CHECK(opens({}) == busy);
    CHECK(opens(sharing()) == busy);
    CHECK(opens(reading) == busy);
  }
  const Database reader = Database::open(path, reading).value();
  CHECK(opens(reading) == 0);
  CHECK(opens(sharing()) == busy);
}

TEST_CASE("who opens a shared file for reading sees what is committed later") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path);
  const NamedTable table = add_table(database);
  const Pipe to_child;
  const Pipe to_parent;
  ChildProcess child([&] {
    Options reading = sharing();
    reading.access = Access::read_only;
    const Database own = open_shared(path, reading);
    const NamedTable found = find_table(own);
    const bool was_empty = !look(own, found, "key");
    to_parent.send(1);
    static_cast<void>(to_child.receive());
    const bool is_there = look(own, found, "key") == "value";
    return was_empty && is_there && !own.begin_write() ? 0 : 1;
  });
  REQUIRE(to_parent.receive().has_value());
  store(database, table, "key", "value");
  to_child.send(1);
  CHECK(child.wait() == 0);
}

TEST_CASE("a lock file is used only if it is that of the open file") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path);
  fs::create_hard_link(path, directory / "other");
  const auto code = [](const std::string& name) { return opening_elsewhere(name, sharing()); };
  // Another name has another lock file beside it: none, a foreign one, one that was left behind.
  CHECK(code(directory / "other") == refused(ErrorCode::file_missing));
  fs::copy_file(path + "-lock", directory / "other-lock");
  CHECK(code(directory / "other") == refused(ErrorCode::busy));
  fs::resize_file(directory / "other-lock", 100);
  CHECK(code(directory / "other") == refused(ErrorCode::corrupt));
  fs::create_symlink(path, directory / "symlink");
  CHECK(code(directory / "symlink") == 0);
}

TEST_CASE("a writer waits for that of another process, as long as it likes") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path);
  const NamedTable table = add_table(database);
  const Pipe to_child;
  const Pipe to_parent;
  ChildProcess child([&] {
    const Database own = open_shared(path);
    WriteTransaction txn = own.begin_write().value();
    put(txn, find_table(own), "key", "of the child");
    to_parent.send(1);
    static_cast<void>(to_child.receive());
    commit(txn);
    return 0;
  });
  REQUIRE(to_parent.receive().has_value());
  CHECK(code_of(database.try_begin_write()) == ErrorCode::busy);
  CHECK(code_of(database.begin_write_for(std::chrono::milliseconds(1))) == ErrorCode::busy);
  to_child.send(1);
  WriteTransaction txn = database.begin_write().value();
  CHECK(get(txn, table, "key") == "of the child");
  CHECK(child.wait() == 0);
}

}  // namespace
}  // namespace quire::test
