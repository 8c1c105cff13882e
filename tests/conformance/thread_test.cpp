// Threads: readers and a writer at the same time.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/places.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::uint32_t accounts = 50;

std::uint64_t total_of(const auto& face) {
  std::uint64_t total = 0;
  for (const auto& [account, amount] : face.range()) total += *amount;
  return total;
}

// Law: every snapshot shows a state between two commits, however many threads read and write.
TEST_CASE_TEMPLATE_DEFINE("every thread sees whole transactions", Place, whole) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::uint64_t>(storage);
  auto first = storage.begin_write().value();
  for (std::uint32_t account = 0; account < accounts; ++account)
    first.table(table).put(account, 100).value();
  std::move(first).commit().value();
  const auto shared = storage.snapshot().value();
  std::atomic<bool> is_over = false;
  std::atomic<std::uint32_t> wrong = 0;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      do {
        if (total_of(storage.snapshot().value().table(table)) != accounts * 100) ++wrong;
        if (total_of(shared.table(table)) != accounts * 100) ++wrong;
        if (**shared.table(table).get(7).value() != 100) ++wrong;
        if (!table.get(3).value().has_value()) ++wrong;
      } while (!is_over);
    });
  }
  for (std::uint32_t round = 0; round < scaled(200); ++round) {
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    const std::uint32_t from = round % accounts;
    const std::uint32_t to = round * 7 % accounts;
    const std::uint64_t amount = **editor.get(from).value() / 2;
    editor.put(from, **editor.get(from).value() - amount).value();
    editor.put(to, **editor.get(to).value() + amount).value();
    std::move(txn).commit().value();
  }
  is_over = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(wrong == 0);
  CHECK(total_of(table) == accounts * 100);
}
TEST_CASE_TEMPLATE_APPLY(whole, Places);

/// A table of which half is committed, half is not, and every 37th value is a large one.
template <class Place>
struct Shared {
  Place place;
  decltype(place.open()) storage = place.open();
  TableOf<Place, std::uint64_t, std::string> table = table_in<std::uint64_t, std::string>(storage);
  std::optional<decltype(storage.begin_write().value())> txn = storage.begin_write().value();

  static constexpr std::uint64_t count = 4000;
  static std::string value_of(std::uint64_t key) {
    return std::string(key % 37 == 0 ? 9000 : 20, static_cast<char>('a' + key % 26));
  }

  Shared() {
    fill(0);
    std::move(*txn).commit().value();
    txn.emplace(storage.begin_write().value());
    fill(1);
  }
  auto editor() { return txn->table(table); }

 private:
  void fill(std::uint64_t first) {
    auto editor = txn->table(table);
    for (std::uint64_t key = first; key < count; key += 2) editor.put(key, value_of(key)).value();
  }
};

// Law: parts of what a transaction has made are read by several threads, each entry once.
TEST_CASE_TEMPLATE_DEFINE("threads read what is not committed yet", Place, reading_edits) {
  if constexpr (SharesTransactions<typename Place::Backend>) {
    Shared<Place> shared;
    auto parts = shared.editor().range().split(4).value();
    REQUIRE(parts.size() == 4);
    std::atomic<std::uint64_t> right = 0;
    std::vector<std::thread> readers;
    for (auto& part : parts) {
      readers.emplace_back([&part, &right] {
        for (const auto& [key, value] : part)
          if (*value == Shared<Place>::value_of(key)) ++right;
      });
    }
    // Its own thread reads, too.
    for (std::uint64_t key = 0; key < shared.count; key += 100)
      REQUIRE(**shared.editor().get(key).value() == shared.value_of(key));
    for (std::thread& reader : readers) reader.join();
    REQUIRE(right == shared.count);
    shared.editor().put(0, "edited").value();  // all parts are at their ends
    std::move(*shared.txn).commit().value();
    REQUIRE(**shared.table.get(0).value() == "edited");
  }
}
TEST_CASE_TEMPLATE_APPLY(reading_edits, Places);

// Law: while a part is there, nothing changes, and saying so changes nothing.
TEST_CASE_TEMPLATE_DEFINE("a transaction that threads may be reading is not edited", Place,
                          refusing_edits) {
  if constexpr (SharesTransactions<typename Place::Backend>) {
    Shared<Place> shared;
    auto& txn = *shared.txn;
    auto editor = shared.editor();
    const auto savepoint = txn.savepoint().value();
    auto writer = editor.put_in_pieces(1, 5).value();
    const auto reserved = editor.reserve(1, 20).value();
    std::ranges::copy(shared.value_of(1), reserved->begin());
    auto parts = editor.range().split(2).value();
    const auto refuses = [](const auto& result) {
      REQUIRE(code_of(result) == ErrorCode::invalid_argument);
    };
    for (; !parts.empty(); parts.erase(parts.begin())) {
      refuses(editor.put(1, "edited"));
      refuses(editor.erase(1));
      refuses(editor.clear());
      refuses(editor.bulk_load(std::vector<std::pair<std::uint64_t, std::string>>()));
      refuses(txn.drop_table("table"));
      refuses(txn.rename_table("table", "other"));
      refuses(txn.template new_table<int, int>("made").build());
      refuses(reserved.check());
      refuses(editor.put_in_pieces(1, 5));
      refuses(writer.write("piece"));
      refuses(writer.finish());
      refuses(txn.savepoint());
      refuses(txn.nested());
      refuses(txn.rollback_to(savepoint));
      refuses(txn.release(savepoint));
      refuses(std::move(txn).commit());
      refuses(std::move(txn).commit_without_waiting());
      REQUIRE(parts.back().next().value()->key / 2000 == 1);
    }
    editor.put(1, "edited").value();
    std::move(txn).commit().value();
    REQUIRE(**shared.table.get(1).value() == "edited");
  }
}
TEST_CASE_TEMPLATE_APPLY(refusing_edits, Places);

// Law: one that is abandoned while threads read it says so to them, and ends with the last.
TEST_CASE_TEMPLATE_DEFINE("an abandoned transaction ends when nobody reads it", Place,
                          abandoning_read) {
  if constexpr (SharesTransactions<typename Place::Backend>) {
    for (std::uint64_t round = 0; round < scaled(20); ++round) {
      Shared<Place> shared;
      auto parts = shared.editor().range().split(3).value();
      std::atomic<int> begun = 0;
      std::atomic<int> wrong = 0;
      std::vector<std::thread> readers;
      for (auto& part : parts) {
        readers.emplace_back([&begun, &wrong, part = std::move(part)]() mutable {
          auto entry = part.next();
          ++begun;
          while (entry && *entry != nullptr) entry = part.next();
          if (!entry && entry.error().code() != ErrorCode::closed) ++wrong;
        });
      }
      while (begun < 3) std::this_thread::yield();
      shared.txn.reset();
      for (std::thread& reader : readers) reader.join();
      REQUIRE(wrong == 0);
      readers.clear();
      auto next = shared.storage.begin_write().value();
      REQUIRE(next.table(shared.table).size().value() == Shared<Place>::count / 2);
    }
    Shared<Place> shared;
    auto parts = shared.editor().range().split(2).value();
    std::move(*shared.txn).abandon();
    for (auto& part : parts) REQUIRE(code_of(part.next()) == ErrorCode::closed);
    REQUIRE_FALSE(shared.storage.begin_write().has_value());
    parts.clear();
    REQUIRE(shared.storage.begin_write().has_value());
  }
}
TEST_CASE_TEMPLATE_APPLY(abandoning_read, Places);

}  // namespace
}  // namespace quire::test
