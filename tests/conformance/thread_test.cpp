// Threads: readers and a writer at the same time.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <atomic>
#include <cstdint>
#include <thread>
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

}  // namespace
}  // namespace quire::test
