// Types: a table is opened with its own, and what else is asked for is refused or made anew.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <string>

#include "conformance/places.hpp"
#include "unit/api/model.hpp"

namespace quire::test {
namespace {

template <class K, class V>
std::string refusal_by(const auto& place) {
  auto storage = place.open();
  table_in<std::uint32_t, Reading>(storage);
  const auto refused = storage.template new_table<K, V>("table").build();
  REQUIRE(code_of(refused) == ErrorCode::type_mismatch);
  CHECK(code_of(storage.template open_table<K, V>("table").build()) == ErrorCode::type_mismatch);
  return refused.error().message();
}

// Law: another type is refused, in the same words by every backend.
TEST_CASE_TEMPLATE_DEFINE("another type is refused", Place, refused) {
  CHECK(refusal_by<std::uint64_t, Reading>(Place()) ==
        refusal_by<std::uint64_t, Reading>(MemoryPlace()));
  CHECK(refusal_by<std::uint32_t, std::string>(Place()) ==
        refusal_by<std::uint32_t, std::string>(MemoryPlace()));
  CHECK(refusal_by<std::uint32_t, std::string>(Place()).contains("first difference"));
}
TEST_CASE_TEMPLATE_APPLY(refused, Places);

// Law: recreate says what becomes of a table that is there.
TEST_CASE_TEMPLATE_DEFINE("tables are made anew where that is asked for", Place, recreated) {
  const Place place;
  auto storage = place.open();
  auto numbers = table_in<std::uint32_t, std::uint32_t>(storage);
  numbers.put(1, 1).value();
  const auto reopened = [&](Recreate recreate) {
    return storage.template new_table<std::uint32_t, std::uint32_t>("table")
        .with_recreate(recreate)
        .build()
        .value();
  };
  CHECK(reopened(Recreate::never).size().value() == 1);
  CHECK(reopened(Recreate::if_incompatible).size().value() == 1);
  CHECK(reopened(Recreate::always).size().value() == 0);
  CHECK(code_of(numbers.get(1)) == ErrorCode::table_missing);
  reopened(Recreate::never).put(1, 1).value();
  auto texts = storage.template new_table<std::uint32_t, std::string>("table")
                   .with_recreate(Recreate::if_incompatible)
                   .build()
                   .value();
  CHECK(texts.size().value() == 0);
  texts.put(1, "one").value();
  CHECK(**texts.get(1).value() == "one");
}
TEST_CASE_TEMPLATE_APPLY(recreated, Places);

// Law: bytes that are no value of the type are told of, and never shown.
TEST_CASE_TEMPLATE_DEFINE("bytes that are no value are refused", Place, damaged) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, Reading>(storage);
  table.put(1, {.value = 1, .sensor = 2, .flags = 3}).value();
  auto raw = storage.open_raw_table("table").value();
  auto entries = raw.range();
  const ByteString key = entries.next().value()->key;
  raw.put(key, as_bytes("short")).value();
  CHECK(code_of(table.get(1)) == ErrorCode::corrupt);
  CHECK(code_of(table.range().next()) == ErrorCode::corrupt);
  CHECK(code_of(storage.snapshot().value().table(table).get(1)) == ErrorCode::corrupt);
  CHECK(code_of(storage.begin_write().value().table(table).get(1)) == ErrorCode::corrupt);
}
TEST_CASE_TEMPLATE_APPLY(damaged, Places);

}  // namespace
}  // namespace quire::test
