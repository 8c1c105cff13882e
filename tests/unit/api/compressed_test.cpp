// Compressed values through the typed tables: guards own what they show, and pin nothing.
#include "quire/formats/compressed.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using Format = Compressed<TextFormat>;

auto build(Storage& storage, const Format& format = {}) {
  return storage.new_table<std::uint32_t, std::string>("texts").with_value_format(format).build();
}
using Texts = decltype(build(std::declval<Storage&>()))::value_type;
static_assert(
    std::same_as<decltype(*std::declval<const Texts::Guard&>()), const std::string_view&>);
static_assert(std::same_as<Texts::Guard, CopyingGuard<std::string, Format>>);

constexpr std::uint32_t size_of(std::uint32_t key) { return key < 20 ? (1U << key) - 1 : 1U << 20; }
constexpr std::uint32_t key_count = 21;

/// A text of each size up to a MiB, some of them easy to compress.
std::string text_of(std::uint32_t key) {
  std::string text;
  for (std::uint32_t n = 0; text.size() < size_of(key); ++n)
    text += key % 3 == 0 ? std::string(1, static_cast<char>((n * 2654435761U) >> 24))
                         : "text " + std::to_string(n % 50);
  text.resize(size_of(key));
  return text;
}

template <class Face>
void check_all(const Face& face) {
  for (std::uint32_t key = 0; key < key_count; ++key)
    REQUIRE(*face.get(key).value().value() == text_of(key));
  std::uint32_t key = 0;
  for (const auto& entry : face.range()) REQUIRE(*entry.value == text_of(key++));
  for (const auto& entry : face.reverse()) REQUIRE(*entry.value == text_of(--key));
  CHECK(key == 0);
  CHECK(*face.last().value()->value == text_of(key_count - 1));
}

TEST_CASE("compressed values of 0 bytes to 1 MiB come back through every face") {
  for (const Place::Kind kind : Place::all) {
    Place place(kind);
    Storage storage = place.open();
    auto table = build(storage).value();
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    for (std::uint32_t key = 0; key < key_count; ++key)
      REQUIRE(editor.put(key, text_of(key)).has_value());
    check_all(editor);
    REQUIRE(std::move(txn).commit().has_value());
    check_all(table);
    check_all(storage.snapshot().value().table(table));
  }
}

TEST_CASE("what repeats itself takes less of the file") {
  Place place;
  Storage storage = place.open();
  auto table = build(storage).value();
  REQUIRE(table.put(1, std::string(1 << 20, 'a')).has_value());
  auto txn = storage.begin_write().value();
  CHECK(txn.table(table).get(1).value().value()->size() == 1 << 20);
  CHECK(storage.statistics().value().file_size < 1 << 20);
}

TEST_CASE("a guard of a compressed value pins nothing and outlives everything") {
  std::optional<Texts::Guard> guard;
  std::vector<Texts::Entry> entries;
  {
    Place place;
    Storage storage = place.open();
    auto table = build(storage).value();
    for (std::uint32_t key = 0; key < key_count; ++key)
      REQUIRE(table.put(key, text_of(key)).has_value());
    guard = table.get(12).value().value();
    for (auto entry : table.range()) entries.push_back(std::move(entry));
    CHECK(storage.statistics().value().pins == 0);
    REQUIRE(table.put(12, "another").has_value());
  }
  const auto copy = *guard;
  std::thread([held = std::move(guard)] { CHECK(**held == text_of(12)); }).join();
  CHECK(*copy == text_of(12));
  CHECK(*copy.share().value() == text_of(12));
  for (const auto& [key, value] : entries) CHECK(*value == text_of(key));
}

TEST_CASE("what is packed wrongly is corrupt, and a walk says so") {
  Place place;
  Storage storage = place.open();
  auto table = build(storage).value();
  REQUIRE(table.put(1, "sound").has_value());
  // Whoever reads with a lower limit sees what the limit is for.
  auto large = build(storage, Format{.size_limit = 100'000}).value();
  REQUIRE(table.put(2, std::string(100'001, 'a')).has_value());
  CHECK(code_of(large.get(2)) == ErrorCode::corrupt);
  CHECK(*large.get(1).value().value() == "sound");
  CHECK(code_of(large.range().for_each([](const auto&) {})) == ErrorCode::corrupt);
  CHECK(code_of(large.put(3, std::string(100'001, 'a'))) == ErrorCode::value_too_large);
}

TEST_CASE("compressed and plain values are different types") {
  Place place;
  Storage storage = place.open();
  REQUIRE(build(storage).has_value());
  REQUIRE(build(storage, Format{.level = 9}).has_value());
  const auto plain = storage.open_table<std::uint32_t, std::string>("texts").build();
  REQUIRE(code_of(plain) == ErrorCode::type_mismatch);
  CHECK(plain.error().message().contains("first difference: value, stored zstd, asked text"));
}

}  // namespace
}  // namespace quire::test
