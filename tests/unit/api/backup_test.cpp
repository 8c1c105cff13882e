// Backups: what they hold, what they leave out, and what they refuse.
#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"

namespace quire::test {
namespace {

using Content = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

/// All tables as bytes.
Content content(const Storage& storage) {
  Content all;
  for (const TableInfo& table : storage.tables().value()) {
    auto& entries = all[table.name];
    const auto raw = storage.open_raw_table(table.name).value();
    raw.range()
        .for_each([&](const auto& entry) {
          entries.emplace_back(std::string(as_text(entry.key)), std::string(as_text(*entry.value)));
        })
        .value();
  }
  return all;
}

void fill(Storage& storage) {
  auto numbers = storage.new_table<std::uint64_t, std::uint64_t>("numbers").build().value();
  auto texts = storage.new_table<std::string, std::string>("texts").build().value();
  storage.new_table<std::uint32_t, std::uint32_t>("empty").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(numbers);
  for (std::uint64_t key = 0; key < 20'000; ++key) editor.put(key * 7919 % 20'011, key).value();
  txn.table(texts).put("large", std::string(300'000, 'x')).value();
  txn.table(texts).put("small", "y").value();
  std::move(txn).commit().value();
  auto again = storage.begin_write().value();
  again.table(numbers).erase_range(100, 5000).value();
  std::move(again).commit().value();
}

// Law: a backup holds the state that it was made of, with types and all, in a sound file that is
// no larger.
TEST_CASE("a backup is the storage again") {
  const TemporaryDirectory directory;
  const std::string path = directory / "copy.quire";
  auto storage = StorageBuilder(directory / "storage.quire").build().value();
  fill(storage);
  std::vector<Progress> told;
  storage.backup(path, [&](const Progress& progress) { told.push_back(progress); }).value();
  REQUIRE_FALSE(told.empty());
  REQUIRE(told.back().done == told.back().total);
  auto copy = StorageBuilder(path).with_create(Create::never).build().value();
  REQUIRE(content(copy) == content(storage));
  REQUIRE(copy.check().value().is_clean());
  REQUIRE(copy.open_table<std::uint64_t, std::uint64_t>("numbers").build().has_value());
  const auto wrong = copy.open_table<std::uint64_t, std::string>("numbers").build();
  REQUIRE(wrong.error().code() == ErrorCode::type_mismatch);
  copy.close().value();
  storage.close().value();
  REQUIRE(std::filesystem::file_size(path) <=
          std::filesystem::file_size(std::filesystem::path(directory / "storage.quire")));
}

// Law: a storage in memory can be saved so, and what is committed meanwhile does not matter.
TEST_CASE("a backup of a storage in memory is a file") {
  const TemporaryDirectory directory;
  auto storage = StorageBuilder("name").with_backend(backend::memory).build().value();
  fill(storage);
  const Content before = content(storage);
  auto numbers = storage.open_table<std::uint64_t, std::uint64_t>("numbers").build().value();
  storage.backup(directory / "copy", [&](const Progress&) { numbers.put(1, 1).value(); }).value();
  REQUIRE(content(StorageBuilder(directory / "copy").build().value()) == before);
}

// Law: a backup harms nothing that is there.
TEST_CASE("a backup refuses a path where there is something") {
  const TemporaryDirectory directory;
  auto storage = StorageBuilder(directory / "storage").build().value();
  fill(storage);
  const Content before = content(storage);
  REQUIRE(storage.backup(directory / "storage").error().code() == ErrorCode::busy);
  REQUIRE(content(storage) == before);
  storage.backup(directory / "copy").value();
  REQUIRE(storage.backup(directory / "copy").error().code() == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace quire::test
