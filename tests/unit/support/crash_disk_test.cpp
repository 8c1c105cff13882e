// What the crash disk must do for the tests that rely on it to mean anything: never lose what was
// synced, and leave out no legal image of what was not.
#include "support/crash_disk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace quire::test {
namespace {

constexpr Budget all_without_tears{.exhaustive_limit = 100'000, .samples = 0};

std::string page(char letter) { return std::string(block_size, letter); }

/// A durable file "a" with these pages, one letter each, opened.
class Setting {
 public:
  explicit Setting(std::string_view letters) {
    std::string content;
    for (const char letter : letters) content += page(letter);
    disk.add_file("a", as_bytes(content));
    file = disk.open("a", Access::read_write).value();
  }

  Status write(std::uint64_t offset, const std::string& text) {
    const Bytes piece = as_bytes(text);
    return file->write(offset, {&piece, 1});
  }
  void write_page(std::size_t number, char letter) {
    write(number * block_size, page(letter)).value();
  }

  CrashDisk disk;
  std::unique_ptr<File> file;
};

/// The first letter of each page, and '?' for a page that is torn.
std::string letters_of(Bytes content) {
  std::string letters;
  for (std::size_t start = 0; start < content.size(); start += block_size) {
    const Bytes bytes = content.subspan(start, std::min(block_size, content.size() - start));
    const bool is_whole = std::ranges::all_of(bytes, [&](auto byte) { return byte == bytes[0]; });
    const char letter = static_cast<char>(bytes[0]);
    letters += !is_whole ? '?' : letter == '\0' ? '0' : letter;
  }
  return letters;
}

/// What files "a" the images of a stop have; "-" where there is none.
std::multiset<std::string> files_after_cut(CrashJournal& journal, std::size_t stop,
                                           const Budget& budget = all_without_tears) {
  std::multiset<std::string> files;
  journal.for_each_image(stop, budget, [&](CrashImage& image) {
    const auto content = image.content("a");
    files.insert(content ? letters_of(*content) : "-");
  });
  return files;
}

std::multiset<std::string> files_after_everything(const CrashDisk& disk) {
  CrashJournal journal = disk.journal();
  return files_after_cut(journal, journal.stop_count() - 1);
}

std::string now_in(CrashDisk& disk) {
  auto file = disk.open("a", Access::read_only).value();
  return letters_of(file->map(0).value().first(file->size().value()));
}

using Files = std::multiset<std::string>;

TEST_CASE("two unsynced pages make exactly four images") {
  Setting setting("ab");
  setting.write_page(0, 'A');
  setting.write_page(1, 'B');
  CHECK(files_after_everything(setting.disk) == Files{"ab", "Ab", "aB", "AB"});
}

TEST_CASE("a page written twice has any of its three versions") {
  Setting setting("a");
  setting.write_page(0, 'A');
  setting.write_page(0, 'B');
  CHECK(files_after_everything(setting.disk) == Files{"a", "A", "B"});
}

TEST_CASE("what a finished sync covers is in every image") {
  Setting setting("abc");
  setting.write_page(0, 'A');
  setting.write_page(1, 'B');
  setting.file->sync().value();
  setting.write_page(2, 'C');
  CHECK(files_after_everything(setting.disk) == Files{"ABc", "ABC"});
}

TEST_CASE("a durable write is in every image, and nothing else is") {
  Setting setting("abc");
  setting.write_page(0, 'A');
  setting.file->write_durably(block_size, as_bytes(page('B'))).value();
  CHECK(files_after_everything(setting.disk) == Files{"aBc", "ABc"});
  setting.disk.fail({.number = setting.disk.call_count(Call::sync), .call = Call::sync});
  CHECK_FALSE(setting.file->write_durably(2 * block_size, as_bytes(page('C'))).has_value());
  CHECK(now_in(setting.disk) == "ABC");
  CHECK(files_after_everything(setting.disk) == Files{"aBc", "ABc"});
}

TEST_CASE("a stop is a cut within its call") {
  Setting setting("ab");
  setting.write_page(0, 'A');
  setting.file->sync().value();
  setting.write_page(1, 'B');
  CHECK(setting.disk.stop_count() == 3);
  CrashJournal journal = setting.disk.journal();
  REQUIRE(journal.stop_count() == 4);
  CHECK(files_after_cut(journal, 0) == Files{"ab", "Ab"});
  CHECK(files_after_cut(journal, 1) == Files{"ab", "Ab"});
  CHECK(files_after_cut(journal, 2) == Files{"Ab", "AB"});
  CHECK(files_after_cut(journal, 3) == Files{"Ab", "AB"});
  CHECK(files_after_cut(journal, 0) == Files{"ab", "Ab"});
}

TEST_CASE("a file that grew has its old size or its new one") {
  Setting setting("a");
  setting.file->grow(2 * block_size).value();
  CHECK(files_after_everything(setting.disk) == Files{"a", "a0"});
  setting.write_page(1, 'B');
  CHECK(files_after_everything(setting.disk) == Files{"a", "a0", "aB"});
  setting.file->sync().value();
  CHECK(files_after_everything(setting.disk) == Files{"aB"});
}

TEST_CASE("a file that was cut has its old bytes, or none") {
  Setting setting("ab");
  setting.file->truncate(block_size).value();
  CHECK(files_after_everything(setting.disk) == Files{"ab", "a"});
  setting.file->sync().value();
  setting.file->grow(2 * block_size).value();
  CHECK(files_after_everything(setting.disk) == Files{"a", "a0"});
}

TEST_CASE("a file that was cut and grew again may still have its old bytes") {
  Setting setting("ab");
  setting.file->truncate(block_size).value();
  setting.file->grow(2 * block_size).value();
  const auto files = files_after_everything(setting.disk);
  const std::set<std::string> distinct(files.begin(), files.end());
  CHECK(distinct == std::set<std::string>{"ab", "a", "a0"});
  setting.file->sync().value();
  CHECK(files_after_everything(setting.disk) == Files{"a0"});
}

TEST_CASE("a write during a sync is not covered by it") {
  Setting setting("ab");
  setting.write_page(0, 'A');
  setting.disk.during_sync([&] { setting.write_page(1, 'B'); });
  setting.file->sync().value();
  CHECK(files_after_everything(setting.disk) == Files{"Ab", "AB"});
}

TEST_CASE("torn pages hold sectors of any version, and whole sectors only") {
  Setting setting("a");
  setting.write_page(0, 'A');
  CrashJournal journal = setting.disk.journal();
  std::set<std::string> seen;
  journal.for_each_image(0, {.exhaustive_limit = 0, .samples = 20'000}, [&](CrashImage& image) {
    const std::string_view text = as_text(image.content("a").value());
    std::string sectors;
    for (std::size_t start = 0; start < block_size; start += sector_size) {
      const std::string_view sector = text.substr(start, sector_size);
      REQUIRE(sector == std::string(sector_size, sector[0]));
      sectors += sector[0];
    }
    seen.insert(sectors);
  });
  CHECK(seen.size() == 256);
}

TEST_CASE("samples include all, nothing, the last write alone and everything but it") {
  Setting setting(std::string(40, 'a'));
  for (std::size_t number = 0; number < 40; ++number) setting.write_page(39 - number, 'A');
  CrashJournal journal = setting.disk.journal();
  const Files files =
      files_after_cut(journal, journal.stop_count() - 1, {.exhaustive_limit = 256, .samples = 6});
  CHECK(files.contains(std::string(40, 'A')));
  CHECK(files.contains(std::string(40, 'a')));
  CHECK(files.contains("A" + std::string(39, 'a')));
  CHECK(files.contains("a" + std::string(39, 'A')));
  CHECK(files.contains(std::string(16, 'A') + std::string(24, 'a')));
  CHECK(files.contains(std::string(16, 'a') + std::string(24, 'A')));
}

TEST_CASE("samples are the same for the same seed") {
  Setting setting("abcdefghijkl");
  for (std::size_t number = 0; number < 12; ++number) setting.write_page(number, 'X');
  const Budget budget{.exhaustive_limit = 0, .samples = 100, .seed = 7};
  CrashJournal first = setting.disk.journal();
  CrashJournal second = setting.disk.journal();
  CHECK(files_after_cut(first, 11, budget) == files_after_cut(second, 11, budget));
}

TEST_CASE("a new file is there when its directory was synced, and may be before") {
  CrashDisk disk;
  auto file = disk.create_beside("a").value();
  file->grow(block_size).value();
  file->sync().value();
  REQUIRE(disk.publish(*file, "a").value());
  CHECK(files_after_everything(disk) == Files{"-", "-", "0"});
  disk.sync_directory("a").value();
  CHECK(files_after_everything(disk) == Files{"0"});
}

TEST_CASE("a replaced file is the old one or the new one") {
  Setting setting("ab");
  auto file = setting.disk.create_beside("a").value();
  file->grow(block_size).value();
  file->sync().value();
  setting.disk.sync_directory("a").value();
  setting.disk.replace(*file, "a").value();
  CHECK(files_after_everything(setting.disk) == Files{"ab", "0"});
}

TEST_CASE("a failed sync: later ones succeed, and what it should have written is gone") {
  Setting setting("ab");
  setting.write_page(0, 'A');
  setting.disk.fail({.call = Call::sync});
  const auto synced = setting.file->sync();
  REQUIRE_FALSE(synced.has_value());
  CHECK(synced.error().system() == EIO);
  setting.write_page(1, 'B');
  setting.file->sync().value();
  CHECK(now_in(setting.disk) == "AB");
  CHECK(files_after_everything(setting.disk) == Files{"aB"});
}

TEST_CASE("a page written again after a failed sync is written by the next one") {
  Setting setting("ab");
  setting.write_page(0, 'A');
  setting.disk.fail({.call = Call::sync});
  REQUIRE_FALSE(setting.file->sync().has_value());
  setting.write(block_size - 1, "A").value();
  setting.file->sync().value();
  CHECK(files_after_everything(setting.disk) == Files{"Ab"});
}

TEST_CASE("a failed sync may have written some pages") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 64; ++seed) {
    Setting setting("ab");
    setting.write_page(0, 'A');
    setting.write_page(1, 'B');
    setting.disk.fail({.call = Call::sync, .survivors_seed = seed});
    REQUIRE_FALSE(setting.file->sync().has_value());
    const auto files = files_after_everything(setting.disk);
    REQUIRE(files.size() == 1);
    seen.insert(*files.begin());
  }
  CHECK(seen == std::set<std::string>{"ab", "Ab", "aB", "AB"});
}

TEST_CASE("after a failed sync the next process sees the cache, or the disk once it is evicted") {
  Setting setting("abc");
  setting.write_page(0, 'A');
  setting.disk.fail({.call = Call::sync});
  REQUIRE_FALSE(setting.file->sync().has_value());
  setting.write_page(1, 'B');
  setting.disk.kill_process();
  CHECK(now_in(setting.disk) == "ABc");
  setting.disk.evict_cache();
  CHECK(now_in(setting.disk) == "aBc");
  CHECK(files_after_everything(setting.disk) == Files{"abc", "aBc"});
}

TEST_CASE("the death of a process loses nothing, ends its files and frees its locks") {
  Setting setting("a");
  setting.file->lock_exclusive().value();
  setting.write_page(0, 'A');
  const BootId boot = setting.disk.boot_id();
  setting.disk.kill_process();
  CHECK_FALSE(setting.write(0, "x").has_value());
  CHECK_FALSE(setting.file->sync().has_value());
  CHECK_FALSE(setting.file->truncate(0).has_value());
  CHECK(now_in(setting.disk) == "A");
  CHECK(setting.disk.boot_id() == boot);
  auto next = setting.disk.open("a", Access::read_write).value();
  next->lock_exclusive().value();
  setting.file.reset();
  CHECK_FALSE(setting.disk.open("a", Access::read_write).value()->lock_shared().has_value());
}

TEST_CASE("a mounted image is another boot, and leaves the image as it was") {
  Setting setting("abc");
  setting.write_page(1, 'B');
  CrashJournal journal = setting.disk.journal();
  const auto count = journal.for_each_image(0, all_without_tears, [&](CrashImage& image) {
    const std::string before = letters_of(image.content("a").value());
    for (int round = 0; round < 2; ++round) {
      auto disk = image.mount();
      CHECK(disk->boot_id() != setting.disk.boot_id());
      auto file = disk->open("a", Access::read_write).value();
      CHECK(letters_of(file->map(0).value().first(file->size().value())) == before);
      const std::string letters = page('X') + page('Y');
      const Bytes piece = as_bytes(letters);
      file->write(0, {&piece, 1}).value();
      file->truncate(block_size).value();
      file->grow(9 * block_size).value();
      CHECK(now_in(*disk) == "X00000000");
    }
    CHECK(letters_of(image.content("a").value()) == before);
  });
  CHECK(count == 2);
}

TEST_CASE("cuts can follow cuts") {
  Setting setting("ab");
  setting.write_page(0, 'A');
  CrashJournal journal = setting.disk.journal();
  Files seen;
  journal.for_each_image(0, all_without_tears, [&](CrashImage& image) {
    auto disk = image.mount();
    auto file = disk->open("a", Access::read_write).value();
    const std::string letters = page('B');
    const Bytes piece = as_bytes(letters);
    file->write(block_size, {&piece, 1}).value();
    seen.merge(files_after_everything(*disk));
  });
  CHECK(seen == Files{"ab", "aB", "Ab", "AB"});
}

TEST_CASE("any call can be made to fail, once or from then on") {
  Setting setting("a");
  setting.disk.fail({.number = 1, .call = Call::write, .error = ENOSPC});
  setting.write_page(0, 'A');
  auto written = setting.write(0, page('B'));
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code() == ErrorCode::no_space);
  setting.write_page(0, 'C');
  CHECK(setting.disk.call_count(Call::write) == 3);
  setting.disk.fail({.number = setting.disk.call_count(), .lasting = Lasting::from_then_on});
  CHECK_FALSE(setting.file->size().has_value());
  CHECK_FALSE(setting.file->map(0).has_value());
  CHECK_FALSE(setting.file->grow(3 * block_size).has_value());
  CHECK_FALSE(setting.file->lock_shared().has_value());
  CHECK_FALSE(setting.disk.open("a", Access::read_only).has_value());
  CHECK_FALSE(setting.disk.sync_directory("a").has_value());
  setting.disk.heal();
  CHECK(now_in(setting.disk) == "C");
}

TEST_CASE("a write that fails may have written its first bytes") {
  Setting setting("ab");
  setting.disk.fail({.call = Call::write, .bytes_first = block_size});
  CHECK_FALSE(setting.write(0, page('A') + page('B')).has_value());
  CHECK(now_in(setting.disk) == "Ab");
  CHECK(files_after_everything(setting.disk) == Files{"ab", "Ab"});
}

TEST_CASE("a full disk grows the file by a part, or not at all") {
  Setting setting("a");
  setting.disk.fail({.call = Call::grow, .error = ENOSPC, .bytes_first = block_size});
  auto grown = setting.file->grow(4 * block_size);
  REQUIRE_FALSE(grown.has_value());
  CHECK(grown.error().code() == ErrorCode::no_space);
  CHECK(now_in(setting.disk) == "a0");
}

TEST_CASE("what was asked of the disk is counted") {
  Setting setting("a");
  setting.write_page(0, 'A');
  setting.write(0, "hello").value();
  setting.file->sync().value();
  setting.file->grow(2 * block_size).value();
  setting.disk.sync_directory("a").value();
  const Traffic traffic = setting.disk.traffic();
  CHECK(traffic.writes == 2);
  CHECK(traffic.bytes_written == block_size + 5);
  CHECK(traffic.syncs == 1);
  CHECK(traffic.directory_syncs == 1);
  CHECK(traffic.grows == 1);
}

/// A run of random calls, to compare what is shown now with what the journal says.
void do_something(Setting& setting, std::uint64_t random) {
  const std::uint64_t size = setting.file->size().value();
  const std::uint64_t offset = (random >> 8) % size;
  const char letter = static_cast<char>('a' + (random >> 32) % 26);
  switch (random % 8) {
    case 0: setting.file->truncate(1 + size / 2).value(); break;
    case 1: setting.file->grow(size + (random >> 40) % 20'000).value(); break;
    case 2: setting.file->sync().value(); break;
    case 3:
      setting.disk.fail({.number = setting.disk.call_count(Call::sync), .call = Call::sync});
      static_cast<void>(setting.file->sync().has_value());
      break;
    default:
      setting.write(offset, std::string(std::min<std::uint64_t>(size - offset, 5000), letter))
          .value();
  }
}

TEST_CASE("the newest image without failures is what was read before the cut") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    Setting setting("abcdefgh");
    std::uint64_t random = seed;
    for (int step = 0; step < 60; ++step) {
      random = random * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
      do_something(setting, random >> 3);
    }
    // A write to every page makes all of them dirty, so nothing that a failed sync lost is missing.
    const std::uint64_t size = setting.file->size().value();
    const std::string text(as_text(setting.file->map(0).value().first(size)));
    setting.write(0, text).value();
    setting.file->sync().value();
    CrashJournal journal = setting.disk.journal();
    const std::size_t end = journal.stop_count() - 1;
    CHECK(journal.for_each_image(end, all_without_tears, [&](CrashImage& image) {
      CHECK(as_text(image.content("a").value()) == text);
    }) == 1);
  }
}

}  // namespace
}  // namespace quire::test
