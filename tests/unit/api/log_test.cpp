// What a storage's log hook hears of: all that happens to a file and that no call returns.
#include "quire/engine/base/log.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/forwarding_files.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using Events = std::vector<LogEvent>;
using Numbers = Table<std::uint64_t, std::uint64_t>;

/// What was heard so far. Thread-safe.
class Heard {
 public:
  [[nodiscard]] LogHook hook() {
    return [this](const LogEntry& entry) {
      const std::scoped_lock lock(mutex_);
      REQUIRE_FALSE(entry.path.empty());
      entries_.push_back(entry);
      entries_.back().path = {};  // it goes with the call
      messages_.push_back(entry.message());
      is_heard_.notify_all();
    };
  }
  /// What came since the last time.
  Events take() {
    const std::scoped_lock lock(mutex_);
    Events events;
    for (const LogEntry& entry : std::exchange(entries_, {})) events.push_back(entry.event);
    return events;
  }
  [[nodiscard]] LogEntry last() const {
    const std::scoped_lock lock(mutex_);
    return entries_.back();
  }
  [[nodiscard]] std::string last_message() const {
    const std::scoped_lock lock(mutex_);
    return messages_.back();
  }
  void wait_for(LogEvent event) {
    std::unique_lock lock(mutex_);
    is_heard_.wait(lock, [&] {
      return std::ranges::any_of(entries_, [&](auto& entry) { return entry.event == event; });
    });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable is_heard_;
  std::vector<LogEntry> entries_;
  std::vector<std::string> messages_;
};

Numbers numbers_of(Storage& storage) {
  return storage.new_table<std::uint64_t, std::uint64_t>("numbers").build().value();
}

TEST_CASE("every event has a name of its own and says something") {
  std::set<std::string_view> names;
  std::set<std::string> messages;
  constexpr int count = static_cast<int>(LogEvent::table_recreated) + 1;
  for (int number = 0; number < count; ++number) {
    const auto event = static_cast<LogEvent>(number);
    names.insert(name(event));
    messages.insert(LogEntry{event, "file", {}, {}, {}}.message());
  }
  CHECK(names.size() == count);
  CHECK(messages.size() == count);
  CHECK(!names.contains("unknown"));
  const LogEntry full{LogEvent::stopped, "file", {7}, "detail", Error(ErrorCode::io_failed)};
  for (const char* const part : {"file: ", "detail", "transaction 7", "the system failed"})
    CHECK(full.message().contains(part));
  CHECK(level(LogEvent::opened) == LogLevel::info);
  CHECK(level(LogEvent::rolled_back) == LogLevel::warning);
  CHECK(level(LogEvent::stopped) == LogLevel::error);
}

TEST_CASE("it hears how a file was made, opened and closed") {
  for (const Place::Kind kind : Place::all) {
    Place place(kind);
    Heard heard;
    auto builder = place.builder().with_log(heard.hook());
    builder.build().value().close().value();
    CHECK((heard.take() == Events{LogEvent::created, LogEvent::closed}));
    {
      const Storage storage = builder.build().value();
    }
    CHECK((heard.take() == Events{LogEvent::opened, LogEvent::closed}));
  }
}

// ---- How a crash was found

using FileBytes = std::vector<char>;

FileBytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const FileBytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// A file as it is before and after a commit that no sync followed.
struct Unsynced {
  FileBytes before;
  FileBytes after;
};

Unsynced commit_unsynced(const std::string& path) {
  Storage storage = StorageBuilder(path)
                        .with_durability(Durability::buffered)
                        .with_background_sync(BackgroundSync{})
                        .build()
                        .value();
  Numbers numbers = numbers_of(storage);
  numbers.put(1, 1).value();
  storage.sync().value();
  const FileBytes before = read_file(path);
  numbers.put(2, 2).value();
  return {before, read_file(path)};
}

TEST_CASE("it hears that a file was not closed, and that commits are gone that were not whole") {
  const TemporaryDirectory directory;
  const Unsynced unsynced = commit_unsynced(directory / "source");
  const std::string path = directory / "crashed";
  Heard heard;
  const auto builder = StorageBuilder(path).with_log(heard.hook());

  write_file(path, unsynced.after);
  builder.build().value().close().value();
  CHECK((heard.take() == Events{LogEvent::recovered, LogEvent::closed}));

  // The newest slot is on the disk, and the pages that it names are not.
  FileBytes torn = unsynced.after;
  for (std::size_t at = layout::meta_area_size; at < torn.size(); ++at)
    torn[at] = at < unsynced.before.size() ? unsynced.before[at] : '\0';
  write_file(path, torn);
  Storage storage = builder.build().value();
  CHECK(heard.last().event == LogEvent::rolled_back);
  CHECK(heard.last().cause->code() == ErrorCode::corrupt);
  CHECK(heard.last_message().contains("not whole"));
  CHECK(numbers_of(storage).size().value() == 1);
}

// ---- Failures

/// Whose syncs, or growths, fail when that is wanted.
class FailingFiles final : public ForwardingFiles {
 public:
  FailingFiles() : ForwardingFiles(memory_) {}
  std::atomic<bool> fails_to_sync = false;
  std::atomic<bool> fails_to_grow = false;

 private:
  class Failing final : public ForwardingFile {
   public:
    Failing(std::unique_ptr<File> file, FailingFiles& files)
        : ForwardingFile(std::move(file)), files_(files) {}
    Status sync() override {
      return files_.fails_to_sync ? Status(fail(ErrorCode::io_failed)) : ForwardingFile::sync();
    }
    Status grow(std::uint64_t size) override {
      if (files_.fails_to_grow) return fail(ErrorCode::no_space);
      return ForwardingFile::grow(size);
    }

   private:
    FailingFiles& files_;
  };

  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override {
    return std::make_unique<Failing>(std::move(file), *this);
  }

  MemoryFileSystem memory_;
};

TEST_CASE("it hears once of the failure that stops all commits, and of that of a close") {
  FailingFiles files;
  Heard heard;
  Storage storage =
      StorageBuilder("storage").with_backend(files).with_log(heard.hook()).build().value();
  Numbers numbers = numbers_of(storage);
  CHECK((heard.take() == Events{LogEvent::created}));
  files.fails_to_sync = true;
  CHECK(code_of(numbers.put(1, 1)) == ErrorCode::outcome_unknown);
  CHECK(heard.last().cause->code() == ErrorCode::io_failed);
  CHECK(code_of(numbers.put(2, 2)) == ErrorCode::poisoned);
  CHECK((heard.take() == Events{LogEvent::stopped}));
  CHECK_FALSE(storage.close().has_value());
  CHECK((heard.take() == Events{LogEvent::close_failed}));
}

TEST_CASE("it hears once that commits cannot be written in the background") {
  FailingFiles files;
  Heard heard;
  Storage storage = StorageBuilder("storage")
                        .with_backend(files)
                        .with_durability(Durability::resident)
                        .with_background_sync({.interval = std::chrono::milliseconds(1)})
                        .with_log(heard.hook())
                        .build()
                        .value();
  auto texts = storage.new_table<std::uint64_t, std::string>("texts").build().value();
  files.fails_to_grow = true;
  for (std::uint64_t key = 0; key < 100; ++key) texts.put(key, std::string(1000, 'x')).value();
  heard.wait_for(LogEvent::background_failed);
  CHECK(heard.last().cause->code() == ErrorCode::no_space);
  files.fails_to_grow = false;
  storage.sync().value();
  storage.close().value();
  CHECK((heard.take() == Events{LogEvent::created, LogEvent::background_failed, LogEvent::closed}));
}

// ---- Waits, readers and tables

TEST_CASE("it hears of those who waited long to write, and of no others") {
  for (const auto long_wait :
       {std::chrono::milliseconds(0), std::chrono::milliseconds(3'600'000)}) {
    Place place;
    Heard heard;
    Storage storage = place.builder().with_log(heard.hook(), long_wait).build().value();
    const auto txn = storage.begin_write().value();
    heard.take();
    const auto other =
        std::async(std::launch::async, [&] { return code_of(storage.try_begin_write()); });
    other.wait();
    if (long_wait.count() != 0) {
      CHECK(heard.take().empty());
      continue;
    }
    CHECK(heard.last().cause->code() == ErrorCode::busy);
    CHECK((heard.take() == Events{LogEvent::waited_long}));
  }
}

TEST_CASE("it hears of readers that pass a limit, by the name of their snapshot") {
  Place place;
  Heard heard;
  Storage storage = place.builder()
                        .with_log(heard.hook())
                        .with_reader_limits({.soft_size = 1, .hard_size = 100'000})
                        .build()
                        .value();
  auto texts = storage.new_table<std::uint64_t, std::string>("texts").build().value();
  for (std::uint64_t key = 0; key < 10; ++key) texts.put(key, std::string(20'000, 'x')).value();
  auto snapshot = storage.snapshot().value();
  snapshot.set_name("a slow one");
  heard.take();
  for (std::uint64_t key = 0; key < 10; ++key) texts.erase(key).value();
  CHECK(heard.last_message().contains("\"a slow one\""));
  CHECK((heard.take() == Events{LogEvent::reader_slow, LogEvent::reader_ousted}));
}

TEST_CASE("it hears of tables that are migrated, or dropped to be made anew") {
  Place place;
  Heard heard;
  Storage storage = place.builder().with_log(heard.hook()).build().value();
  numbers_of(storage).put(1, 2).value();
  heard.take();
  const auto convert = [](std::uint64_t key, std::uint64_t value, const auto& put) {
    return put(key, std::to_string(value));
  };
  auto texts = storage.new_table<std::uint64_t, std::string>("numbers")
                   .with_migration<std::uint64_t, std::uint64_t>(convert)
                   .build();
  CHECK(heard.last_message().contains("numbers"));
  CHECK((heard.take() == Events{LogEvent::table_migrated}));
  storage.new_table<std::uint64_t, double>("numbers")
      .with_recreate(Recreate::if_incompatible)
      .build()
      .value();
  CHECK(heard.last_message().contains("numbers, of 1 entries"));
  CHECK((heard.take() == Events{LogEvent::table_recreated}));
}

TEST_CASE("what the hook throws changes nothing, and further openings have the first one's") {
  const TemporaryDirectory directory;
  Heard first;
  Heard second;
  const LogHook throwing = [hook = first.hook()](const LogEntry& entry) {
    hook(entry);
    throw std::runtime_error("no log");
  };
  Storage storage = StorageBuilder(directory / "file").with_log(throwing).build().value();
  numbers_of(storage).put(1, 1).value();
  StorageBuilder(directory / "file").with_log(second.hook()).build().value().close().value();
  storage.close().value();
  CHECK((first.take() == Events{LogEvent::created, LogEvent::closed}));
  CHECK(second.take().empty());
}

}  // namespace
}  // namespace quire::test
