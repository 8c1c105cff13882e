// What a storage's progress hook hears of work that takes its time.
#include "quire/engine/base/progress.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_directory.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t many = 200'000;

auto pairs() {
  return std::views::iota(std::uint64_t{0}, many) |
         std::views::transform([](std::uint64_t number) { return std::pair(number, number); });
}

/// The progress of each kind of work, which must rise to its total.
class Heard {
 public:
  [[nodiscard]] ProgressHook hook() {
    return [this](const Progress& progress) {
      Progress& before = last_[progress.work];
      CHECK(progress.done >= before.done);
      CHECK(progress.total >= progress.done);
      before = progress;
      ++count_[progress.work];
    };
  }
  [[nodiscard]] const Progress& last(Work work) const { return last_.at(work); }
  [[nodiscard]] int count(Work work) const { return count_.contains(work) ? count_.at(work) : 0; }

 private:
  std::map<Work, Progress> last_;
  std::map<Work, int> count_;
};

void check_done(const Heard& heard, Work work, std::uint64_t total, const std::string& table) {
  CAPTURE(static_cast<int>(work));
  REQUIRE(heard.count(work) >= 2);  // on the way, and at the end
  CHECK(heard.last(work).done == total);
  CHECK(heard.last(work).total == total);
  CHECK(heard.last(work).table == table);
}

TEST_CASE("it hears of loads, backups, migrations and checks, to their ends") {
  const TemporaryDirectory directory;
  Heard heard;
  Storage storage =
      StorageBuilder(directory / "storage").with_progress(heard.hook()).build().value();
  auto numbers = storage.new_table<std::uint64_t, std::uint64_t>("numbers").build().value();
  numbers.bulk_load(pairs()).value();
  check_done(heard, Work::loading, many, "numbers");
  storage.backup(directory / "copy").value();
  check_done(heard, Work::copying, many, "");
  const auto convert = [](std::uint64_t key, std::uint64_t, const auto& put) {
    return put(key, std::string(100, 'x'));
  };
  storage.new_table<std::uint64_t, std::string>("numbers")
      .with_migration<std::uint64_t, std::uint64_t>(convert)
      .build()
      .value();
  check_done(heard, Work::migrating, many, "numbers");
  CHECK(storage.check().value().is_clean());
  const std::uint64_t pages = storage.statistics().value().page_count;
  check_done(heard, Work::checking, pages - layout::first_page(layout::default_page_size), "");
}

TEST_CASE("work with a hook of its own tells that one alone, and each opening has its own") {
  const TemporaryDirectory directory;
  Heard first;
  Heard second;
  Heard own;
  Storage storage = StorageBuilder(directory / "file").with_progress(first.hook()).build().value();
  Storage again = StorageBuilder(directory / "file").with_progress(second.hook()).build().value();
  auto numbers = again.new_table<std::uint64_t, std::uint64_t>("numbers").build().value();
  numbers.bulk_load(pairs(), {.progress = own.hook()}).value();
  again.backup(directory / "copy", own.hook()).value();
  CHECK(again.check(own.hook()).value().is_clean());
  for (const Work work : {Work::loading, Work::copying, Work::checking}) {
    CHECK(own.count(work) > 0);
    CHECK(second.count(work) == 0);
  }
  CHECK(again.check().value().is_clean());
  CHECK(second.count(Work::checking) > 0);
  CHECK(first.count(Work::checking) == 0);
}

}  // namespace
}  // namespace quire::test
