// A disk that becomes full, and has room again.
#include <doctest/doctest.h>

#include "crash/session.hpp"
#include "crash/traces.hpp"

namespace quire::test {
namespace {

class FullDisk {
 public:
  explicit FullDisk(const Options& options) : session_(disk_, history_, options) {
    session_.full([](Editor& editor) { editor.put("kept", "key", "value"); });
    session_.full([](Editor& editor) { editor.put("kept", "large", text(600'000, 1)); });
    session_.full([](Editor& editor) { editor.erase("kept", "large"); });
    disk_.fail({.number = disk_.call_count(Call::grow),
                .call = Call::grow,
                .error = ENOSPC,
                .lasting = Lasting::from_then_on});
  }

  /// Commits until one is refused for want of space; how many were not.
  std::size_t fill() {
    const std::size_t errors = session_.errors().size();
    std::size_t accepted = 0;
    for (; accepted < 1000; ++accepted) {
      session_.full([&](Editor& editor) {
        for (std::size_t number = 0; number < 8; ++number)
          editor.put("a", numbered_key(accepted * 8 + number), text(350, number));
      });
      if (session_.errors().size() > errors) break;
    }
    REQUIRE(session_.errors().size() == errors + 1);
    REQUIRE(session_.errors().back().code() == ErrorCode::no_space);
    REQUIRE(session_.errors().back().system() == ENOSPC);
    require_sound();
    return accepted;
  }

  void erase_all(std::size_t commits) {
    const std::size_t errors = session_.errors().size();
    session_.full([&](Editor& editor) {
      for (std::size_t number = 0; number < commits * 8; ++number)
        editor.erase("a", numbered_key(number));
    });
    REQUIRE(session_.errors().size() == errors);
    require_sound();
  }

  void find_room() {
    disk_.heal();
    const std::size_t errors = session_.errors().size();
    session_.full([](Editor& editor) {
      for (std::size_t number = 0; number < 400; ++number)
        editor.put("a", numbered_key(number), text(350, number + 1));
    });
    session_.kill();
    session_.full([](Editor& editor) { editor.put("a", "after", "that"); });
    REQUIRE(session_.errors().size() == errors);
    require_sound();
  }

 private:
  void require_sound() {
    session_.look();
    for (const std::string& complaint : session_.complaints()) FAIL_CHECK(complaint);
    REQUIRE(session_.complaints().empty());
  }

  CrashDisk disk_;
  History history_{Tables{}};
  Session session_;
};

// Law: a full disk refuses what it has no room for, and undoes it; erasing makes room, as often as
// it is filled; and when the disk has room, so has the database.
TEST_CASE("a full disk takes erasures, and then as much as before") {
  for (const std::uint32_t page_size : {4096U, 16384U}) {
    for (const std::uint32_t checkpoint_after : {2U, 4U}) {
      CAPTURE(page_size);
      CAPTURE(checkpoint_after);
      FullDisk disk(
          {.page_size = page_size, .checkpoint_after = checkpoint_after, .log_in_slots = false});
      const std::size_t first = disk.fill();
      REQUIRE(first > 0);
      for (std::size_t round = 0; round < 12; ++round) {
        disk.erase_all(first);
        const std::size_t again = disk.fill();
        REQUIRE(again > 0);
        REQUIRE(again * 3 >= first);
      }
      disk.find_room();
    }
  }
}

}  // namespace
}  // namespace quire::test
