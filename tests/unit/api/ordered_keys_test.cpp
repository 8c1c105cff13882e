// Tables whose keys are structs, times, UUIDs, lists and descending fields, as a program has them.
#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "unit/api/place.hpp"

namespace quire::test {
namespace {

struct Filing {
  std::string company;
  std::uint32_t year = 0;
  std::optional<std::string> form;
};
QUIRE_DESCRIBE(Filing, company, year, form)

namespace renamed {
struct Filing {
  std::string company;
  std::uint32_t period = 0;
  std::optional<std::string> form;
};
QUIRE_DESCRIBE(Filing, company, period, form)
}  // namespace renamed

/// The values of a range, in its order.
std::string values_of(auto&& range) {
  std::string values;
  for (const auto& entry : range) values += *entry.value;
  return values;
}

TEST_CASE("a described struct as a key") {
  Place place;
  const Storage storage = place.open();
  auto filings = storage.new_table<Filing, std::string>("filings").build().value();
  REQUIRE(filings.put({"Apple", 2025, "10-K"}, "d"));
  REQUIRE(filings.put({"Apple", 2025, {}}, "c"));
  REQUIRE(filings.put({.company = "Apple", .year = 2024, .form = "8-K"}, "b"));
  REQUIRE(filings.put(Filing{"App", 2026, "10-K"}, "a"));
  REQUIRE(filings.put({"Banana", 1, "10-K"}, "e"));

  CHECK(*filings.get({"Apple", 2025, {}}).value().value() == "c");
  CHECK(filings.contains({"Apple", 2026, {}}).value() == false);
  CHECK(values_of(filings.range()) == "abcde");
  CHECK(values_of(filings.prefix("Apple")) == "bcd");
  CHECK(values_of(filings.prefix("Apple", 2025U)) == "cd");
  CHECK(values_of(filings.prefix("Apple", 2025U, starts_with("10"))) == "d");
  CHECK(values_of(filings.prefix(starts_with("App"))) == "abcd");
  CHECK(filings.range().begin()->key.company == "App");
}

// Law: a struct whose fields have other names is another type.
TEST_CASE("a table is not opened with a struct that has other fields") {
  Place place;
  const Storage storage = place.open();
  REQUIRE(storage.new_table<Filing, std::string>("filings").build());
  CHECK(storage.new_table<Filing, std::string>("filings").build());
  CHECK(code_of(storage.new_table<renamed::Filing, std::string>("filings").build()) ==
        ErrorCode::type_mismatch);
}

TEST_CASE("the newest first within each name") {
  using Time = std::chrono::sys_seconds;
  using Key = std::tuple<std::string, Descending<Time>>;
  const auto at = [](int seconds) { return Time(std::chrono::seconds(seconds)); };
  Place place;
  const Storage storage = place.open();
  auto notes = storage.new_table<Key, std::string>("notes").build().value();
  REQUIRE(notes.put(Key{"b", Descending(at(-1))}, "5"));
  REQUIRE(notes.put({"a", Descending(at(-1))}, "3"));
  REQUIRE(notes.put({"a", Descending(at(1))}, "2"));
  REQUIRE(notes.put({"a", Descending(at(1'000'000))}, "1"));
  CHECK(values_of(notes.range()) == "1235");
  CHECK(values_of(notes.prefix("a")) == "123");
  CHECK(values_of(notes.range_from({"a", Descending(at(0))})) == "35");
}

TEST_CASE("uuids and lists as keys") {
  Place place;
  const Storage storage = place.open();
  auto users = storage.new_table<Uuid, std::string>("users").build().value();
  const Uuid id = Uuid::parse("00000000-0000-4000-8000-00000000000f").value();
  REQUIRE(users.put(id, "x"));
  CHECK(*users.get(id).value().value() == "x");

  using Path = std::vector<std::string>;
  auto files = storage.new_table<Path, std::string>("files").build().value();
  REQUIRE(files.put(Path{"usr", "lib"}, "3"));
  REQUIRE(files.put(Path{"usr"}, "2"));
  REQUIRE(files.put(Path{}, "1"));
  REQUIRE(files.put(Path{"usr2"}, "4"));
  CHECK(values_of(files.range()) == "1234");
  CHECK(files.range().begin()->key.empty());
}

}  // namespace
}  // namespace quire::test
