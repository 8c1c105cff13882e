// Formats whose check is made once for each version of a page.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "quire/quire.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

/// Text that may not begin with '!'; counts how often it is asked.
struct CountedFormat {
  static constexpr std::string_view name = "counted";
  static constexpr std::uint32_t version = 1;
  static constexpr bool checks_once = true;
  static inline std::atomic<std::uint64_t> checks = 0;

  template <class V>
  using Argument = std::string_view;
  template <class V>
  using View = std::string_view;

  template <class V>
  [[nodiscard]] constexpr std::uint32_t alignment() const noexcept {
    return 1;
  }
  template <class V>
  [[nodiscard]] std::string descriptor() const {
    return "counted";
  }
  template <class V>
  [[nodiscard]] Bytes stored_bytes(std::string_view value) const noexcept {
    return as_bytes(value);
  }
  template <class V>
  [[nodiscard]] Status check(Bytes stored) const {
    ++checks;
    if (as_text(stored).starts_with('!')) return fail(ErrorCode::corrupt);
    return {};
  }
  template <class V>
  [[nodiscard]] std::string_view view(Bytes stored) const noexcept {
    return as_text(stored);
  }
};

constexpr std::uint32_t count = 500;

auto counted_table(Storage& storage) {
  return storage.new_table<std::uint32_t, std::string>("counted")
      .with_value_format(CountedFormat{})
      .build()
      .value();
}

std::string value_of(std::uint32_t key) {
  return "value " + std::to_string(key) + std::string(key % 50 == 0 ? 3'000 : 20, 'v');
}

/// What a call costs in checks.
std::uint64_t checks_of(auto&& call) {
  const std::uint64_t before = CountedFormat::checks;
  call();
  return CountedFormat::checks - before;
}

// Law: however often and by whatever way values are read, each is checked once or twice (as the one
// that was asked for, and with all of its page).
TEST_CASE("values are checked once for each version of their page") {
  Place place;
  Storage storage = place.open();
  auto table = counted_table(storage);
  {
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    for (std::uint32_t key = 0; key < count; ++key) editor.put(key, value_of(key)).value();
    std::move(txn).commit().value();
  }
  const auto read_all = [&] {
    for (std::uint32_t key = 0; key < count; ++key)
      CHECK(**table.get(key).value() == value_of(key));
    std::uint32_t next = 0;
    for (const auto& [key, value] : table.range()) CHECK(*value == value_of(next++));
    const auto snapshot = storage.snapshot().value();
    CHECK(**snapshot.table(table).get(7).value() == value_of(7));
  };
  const std::uint64_t first = checks_of(read_all);
  CHECK(first >= count);
  CHECK(first <= 2 * count);
  CHECK(checks_of(read_all) == 0);
  table.put(250, value_of(250)).value();
  const std::uint64_t again = checks_of(read_all);
  CHECK(again > 0);
  CHECK(again < count / 2);
  CHECK(checks_of(read_all) == 0);
}

TEST_CASE("a bad value is told to those who ask for it, each time, and to no other") {
  Place place;
  Storage storage = place.open();
  auto table = counted_table(storage);
  for (std::uint32_t key = 0; key < 10; ++key) table.put(key, key == 4 ? "!" : "good").value();
  for (std::uint32_t round = 0; round < 3; ++round)
    for (std::uint32_t key = 0; key < 10; ++key) {
      CAPTURE(key);
      const auto found = table.get(key);
      REQUIRE(found.has_value() == (key != 4));
      if (!found) CHECK(found.error().code() == ErrorCode::corrupt);
    }
}

TEST_CASE("what is in memory only is checked at every access") {
  Storage storage = StorageBuilder("resident")
                        .with_backend(backend::memory)
                        .with_durability(Durability::resident)
                        .build()
                        .value();
  auto table = counted_table(storage);
  table.put(1, "good").value();
  table.put(2, "!").value();
  for (std::uint32_t round = 0; round < 3; ++round) {
    CHECK(checks_of([&] { CHECK(**table.get(1).value() == "good"); }) == 1);
    CHECK_FALSE(table.get(2));
  }
  auto txn = storage.begin_write().value();
  CHECK_FALSE(txn.table(table).get(2));
}

}  // namespace
}  // namespace quire::test
