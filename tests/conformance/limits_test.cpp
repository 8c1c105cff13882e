// Limits: keys that are too long, and values that need pages to themselves.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/places.hpp"

namespace quire::test {
namespace {

// Law: a key that is too long is refused and found nowhere, but has its place in the order.
TEST_CASE_TEMPLATE_DEFINE("keys that are too long are refused", Place, long_keys) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::string, std::uint32_t>(storage);
  const std::string longest(507, 'k');
  const std::string too_long(5000, 'k');
  table.put(longest, 1).value();
  table.put("l", 2).value();
  CHECK(code_of(table.put(too_long, 3)) == ErrorCode::key_too_long);
  CHECK(code_of(table.insert_if_absent(too_long, 3)) == ErrorCode::key_too_long);
  CHECK_FALSE(table.contains(too_long).value());
  CHECK_FALSE(table.get(too_long).value().has_value());
  CHECK_FALSE(table.get_many(std::vector{too_long}).value()[0].has_value());
  CHECK(table.lower_bound(too_long).value()->key == "l");
  CHECK(table.range("", too_long).reversed().next().value()->key == longest);
  CHECK(table.rank(too_long).value() == 1);
  CHECK(table.size().value() == 2);
  auto txn = storage.begin_write().value();
  CHECK(code_of(txn.table(table).put(too_long, 3)) == ErrorCode::key_too_long);
  CHECK_FALSE(txn.table(table).erase(too_long).value());
  txn.table(table).put("m", 3).value();
  std::move(txn).commit().value();
  CHECK(table.size().value() == 3);
}
TEST_CASE_TEMPLATE_APPLY(long_keys, Places);

// Law: a value may be larger than any page.
TEST_CASE_TEMPLATE_DEFINE("values may be large", Place, large_values) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::string>(storage);
  for (std::uint32_t power = 8; power <= 22; ++power)
    table.put(power, std::string(std::size_t{1} << power, static_cast<char>('a' + power))).value();
  const auto kept = table.get(22).value().value();
  table.erase(22).value();
  table.put(21, "").value();
  for (const auto& [power, text] : table.range()) {
    const std::size_t size = power == 21 ? 0 : std::size_t{1} << power;
    CHECK(*text == std::string(size, static_cast<char>('a' + power)));
  }
  CHECK(kept->size() == std::size_t{1} << 22);
  CHECK(kept->back() == 'a' + 22);
}
TEST_CASE_TEMPLATE_APPLY(large_values, Places);

}  // namespace
}  // namespace quire::test
