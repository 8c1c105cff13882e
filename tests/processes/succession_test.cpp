// Who opens a file that killed processes had open goes on where they stopped, if that is still so.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "processes/shared_file.hpp"
#include "quire/engine/file/posix_file.hpp"
#include "support/child_process.hpp"
#include "support/forwarding_files.hpp"
#include "support/killing_files.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

/// The machine's files, of which a test counts what is asked, and says the mount and whether syncs
/// fail.
struct Machine final : ForwardingFiles {
  Machine() : ForwardingFiles(posix_file_system()) {}
  std::uint64_t mount = 1;
  bool fails_syncs = false;
  bool dies_in_sync = false;  ///< the first one after pages were written
  std::uint64_t page_writes = 0;
  std::uint64_t slot_writes = 0;
  std::uint64_t syncs = 0;

  [[nodiscard]] bool is_untouched() const { return page_writes + slot_writes + syncs == 0; }
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override;
};

class MachineFile final : public ForwardingFile {
 public:
  MachineFile(std::unique_ptr<File> file, Machine& machine)
      : ForwardingFile(std::move(file)), machine_(machine) {}
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    ++(offset < layout::meta_area_size ? machine_.slot_writes : machine_.page_writes);
    return ForwardingFile::write(offset, pieces);
  }
  Status sync() override {
    ++machine_.syncs;
    if (machine_.dies_in_sync && machine_.page_writes != 0) die();
    return machine_.fails_syncs ? fail(ErrorCode::io_failed) : ForwardingFile::sync();
  }
  [[nodiscard]] std::uint64_t mount() const override { return machine_.mount; }

 private:
  Machine& machine_;
};

std::unique_ptr<ForwardingFile> Machine::wrap(std::unique_ptr<File> file) {
  return std::make_unique<MachineFile>(std::move(file), *this);
}

/// What the log says of an opening: its first word.
struct Heard {
  std::optional<LogEvent> event;
  bool goes_on = false;
};

Options heard_through(Machine& machine, Heard& heard) {
  Options options = sharing_through(machine);
  options.log = [&heard](const LogEntry& entry) {
    if (!heard.event) heard = {entry.event, entry.detail == "others left it without a close"};
  };
  return options;
}

/// A file with a table, and a process that has it open, does its work and is killed.
class LeftFile {
 public:
  using Work = std::function<void(const Database&, Machine&)>;

  LeftFile() {
    const Database database = open_shared(path);
    store(database, add_table(database), "key", "old");
  }

  void kill_after(const Work& work, Options options = sharing()) const {
    ChildProcess dead([&] {
      Machine machine;
      options.file_system = &machine;
      const Database own = open_shared(path, options);
      work(own, machine);
      die();
      return 0;
    });
    REQUIRE(dead.wait() == -SIGKILL);
  }

  TemporaryDirectory directory;
  std::string path = directory / "file";
};

LeftFile::Work committing(const std::string& value, Durability durability) {
  return [=](const Database& own, Machine&) {
    WriteTransaction txn = own.begin_write().value();
    put(txn, find_table(own), "key", value);
    commit(txn, durability);
  };
}

/// The same, and is killed with a transaction open.
LeftFile::Work committing_and_writing(const std::string& value, Durability durability) {
  return [=](const Database& own, Machine& machine) {
    committing(value, durability)(own, machine);
    const WriteTransaction txn = own.begin_write().value();
    die();
  };
}

Options alone() {
  Options options;
  options.sharing = Sharing::exclusive;
  return options;
}

std::vector<char> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("who opens what killed processes left shows it, and asks nothing of the disk") {
  const LeftFile file;
  file.kill_after(committing("new", Durability::buffered));
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    // The first two look, and are killed, too.
    const auto look_at_it = [&](const Database& own, const Machine& machine) {
      const Statistics statistics = own.statistics().value();
      return machine.is_untouched() && statistics.durable < statistics.written &&
             statistics.pins == 0 && look(own, find_table(own), "key") == "new";
    };
    if (round < 2) {
      file.kill_after([&](const Database& own, const Machine& machine) {
        if (!look_at_it(own, machine)) std::exit(1);
      });
      continue;
    }
    Machine machine;
    Heard heard;
    const Database database = open_shared(file.path, heard_through(machine, heard));
    CHECK(look_at_it(database, machine));
    CHECK(heard.goes_on);
    CHECK(heard.event == LogEvent::recovered);
  }
}

TEST_CASE("what no sync has answered for is written again before anything is built on it") {
  const LeftFile file;
  file.kill_after(committing("new", Durability::buffered));
  Machine machine;
  const Database database = open_shared(file.path, sharing_through(machine));
  database.sync().value();
  CHECK(machine.page_writes != 0);
  CHECK(machine.syncs != 0);
  CHECK(database.statistics().value().durable == database.statistics().value().written);
  require_sound(database);
}

TEST_CASE("what is durable is not written again when those are killed who wrote it") {
  const LeftFile file;
  file.kill_after(committing("new", Durability::full));
  Machine machine;
  Heard heard;
  const Database database = open_shared(file.path, heard_through(machine, heard));
  database.sync().value();
  CHECK(machine.is_untouched());
  CHECK(heard.goes_on);
  CHECK(heard.event == LogEvent::opened);
  CHECK(look(database, find_table(database), "key") == "new");
}

TEST_CASE("what killed processes left is synced in the background, where that is asked for") {
  const LeftFile file;
  file.kill_after(committing("new", Durability::buffered));
  Machine machine;
  Heard heard;
  Options options = heard_through(machine, heard);
  options.background_sync.interval = std::chrono::milliseconds(1);
  const Database database = open_shared(file.path, options);
  while (database.statistics().value().durable < database.statistics().value().written)
    std::this_thread::yield();
  CHECK(heard.goes_on);
}

TEST_CASE(
    "an opening that ends without a write leaves a file that was left as a clean close does") {
  const LeftFile file;
  file.kill_after(committing("new", Durability::buffered));
  Machine machine;
  Heard heard;
  static_cast<void>(open_shared(file.path, sharing_through(machine)));
  machine.page_writes = machine.slot_writes = machine.syncs = 0;
  const Database database = open_shared(file.path, heard_through(machine, heard));
  CHECK(machine.is_untouched());
  CHECK_FALSE(heard.goes_on);
  CHECK(heard.event == LogEvent::opened);
  CHECK(look(database, find_table(database), "key") == "new");
}

/// Opens it again, and finds that it was recovered, with this value.
void require_recovered(const LeftFile& file, Machine& machine, const std::string& value) {
  Heard heard;
  const Database database = open_shared(file.path, heard_through(machine, heard));
  CHECK_FALSE(heard.goes_on);
  CHECK(database.statistics().value().durable == database.statistics().value().written);
  CHECK(look(database, find_table(database), "key") == value);
  require_sound(database);
}

TEST_CASE("what another mount has left is recovered: its cache is gone") {
  const LeftFile file;
  file.kill_after(committing("new", Durability::buffered));
  Machine machine;
  SUBCASE("another one") { machine.mount = 2; }
  SUBCASE("nobody knows") { machine.mount = 0; }
  require_recovered(file, machine, "new");
}

TEST_CASE("what is left after a sync that failed is recovered") {
  const LeftFile file;
  file.kill_after([](const Database& own, Machine& machine) {
    committing("new", Durability::buffered)(own, machine);
    machine.fails_syncs = true;
    if (own.sync()) std::exit(1);
  });
  Machine machine;
  require_recovered(file, machine, "new");
  CHECK(machine.page_writes != 0);
}

TEST_CASE("what a process had for itself, and was killed, is not taken for what others left") {
  const LeftFile file;
  SUBCASE("by one that was about to write") {
    file.kill_after(committing_and_writing("new", Durability::buffered));
  }
  SUBCASE("by one that was not") { file.kill_after(committing("new", Durability::buffered)); }
  file.kill_after(committing("newer", Durability::buffered), alone());
  Machine machine;
  require_recovered(file, machine, "newer");
}

TEST_CASE("a lock file that was put back is not taken for what was left") {
  const LeftFile file;
  file.kill_after(committing_and_writing("new", Durability::buffered));
  fs::copy_file(file.path + "-lock", file.path + "-kept");
  file.kill_after(committing("newer", Durability::buffered), alone());
  fs::rename(file.path + "-kept", file.path + "-lock");
  Machine machine;
  require_recovered(file, machine, "newer");
}

TEST_CASE("what waits for a sync when all are killed is not shown before one has answered for it") {
  const LeftFile file;
  ChildProcess dead([&] {
    Machine machine;
    machine.dies_in_sync = true;
    const Database own = open_shared(file.path, sharing_through(machine));
    committing("new", Durability::full)(own, machine);
    return 0;
  });
  REQUIRE(dead.wait() == -SIGKILL);
  Machine machine;
  Heard heard;
  const Database database = open_shared(file.path, heard_through(machine, heard));
  CHECK(heard.goes_on);
  CHECK(look(database, find_table(database), "key") == "old");
  database.sync().value();
  CHECK(look(database, find_table(database), "key") == "new");
  require_sound(database);
}

TEST_CASE("ids under which a process has written that had the file for itself are not used again") {
  const LeftFile file;
  file.kill_after(committing_and_writing("new", Durability::full));
  file.kill_after(
      [](const Database& own, Machine&) {
        WriteTransaction txn = own.begin_write().value();
        put(txn, find_table(own), "key", std::string(1'000'000, 'x'));  // is written at once
        die();
      },
      alone());
  Machine machine;
  require_recovered(file, machine, "new");
  const Database database = open_shared(file.path, sharing_through(machine));
  CHECK(database.begin_write().value().txn() > newest_born(file.path, database));
}

TEST_CASE("a file whose content is another's is recovered, whoever was killed") {
  const LeftFile file;
  const std::vector<char> before = content_of(file.path);
  file.kill_after(committing("new", Durability::buffered));
  std::ofstream(file.path, std::ios::binary | std::ios::in)
      .write(before.data(), std::ssize(before));
  Machine machine;
  require_recovered(file, machine, "old");
}

TEST_CASE("a file that was cut after its processes were killed is refused as before") {
  const LeftFile file;
  file.kill_after(committing(std::string(100'000, 'x'), Durability::full));
  fs::resize_file(file.path, layout::meta_area_size + 4096);
  CHECK(Database::open(file.path, sharing()).error().code() == ErrorCode::corrupt);
}

}  // namespace
}  // namespace quire::test
