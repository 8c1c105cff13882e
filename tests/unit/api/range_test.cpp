#include "quire/api/range.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <ranges>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "support/volume.hpp"
#include "unit/api/model.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

template <class K, class V>
Entries<K, V> between(const Model<K, V>& model, const K& from, const K& to) {
  if (!(from < to)) return {};
  return {model.lower_bound(from), model.lower_bound(to)};
}

/// Law: ranges give what lies between their bounds, in either direction.
template <class K, class V>
void check_bounds(const auto& face, const Model<K, V>& model, const K& from, const K& to) {
  const auto expected = between(model, from, to);
  REQUIRE(entries_of<V, K>(face.range(from, to)) == expected);
  REQUIRE(entries_of<V, K>(face.range(from, to).reversed()) == reversed(expected));
  const Entries<K, V> rest{model.lower_bound(from), model.end()};
  REQUIRE(entries_of<V, K>(face.range_from(from)) == rest);
  REQUIRE(entries_of<V, K>(face.range_from(from).reversed()) == reversed(rest));
}

/// Calls check with the three faces of a table that was filled with the model's entries.
template <class K, class V>
void with_faces(const Model<K, V>& model, auto&& check) {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<K, V>("table").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  for (const auto& [key, value] : model) REQUIRE(editor.put(key, value).has_value());
  check(editor);
  REQUIRE(std::move(txn).commit().has_value());
  check(table);
  check(storage.snapshot().value().table(table));
}

/// What a range gives before it fails, and how: again and again.
std::vector<std::uint64_t> keys_before_failure(auto range) {
  std::vector<std::uint64_t> keys;
  auto entry = range.next();
  for (; entry && *entry != nullptr; entry = range.next()) keys.push_back((*entry)->key);
  CHECK(code_of(entry) == ErrorCode::corrupt);
  CHECK(code_of(range.next()) == ErrorCode::corrupt);
  return keys;
}

/// The numbers below count, each under itself, and a way to put other bytes among them.
struct Numbers {
  static constexpr std::uint64_t count = 1000;
  using NumberTable = Table<std::uint64_t, std::uint64_t>;

  Numbers() {
    for (std::uint64_t key = 0; key < count; ++key) REQUIRE(table.put(key, key).has_value());
  }
  void put_raw(Bytes key, Bytes value) {
    REQUIRE(storage.open_raw_table("table").value().put(key, value).has_value());
  }
  static auto stored(std::uint64_t key) { return OrderedFormat().encode<std::uint64_t>(key); }

  Place place;
  Storage storage = place.open();
  NumberTable table = storage.new_table<std::uint64_t, std::uint64_t>("table").build().value();
};

// Law: bytes that are no key of a table's type end a range of it with an error, wherever in a leaf
// they lie, and are never shown as a key.
TEST_CASE("ranges of numbers give no key that is none") {
  for (const std::uint64_t at : {std::uint64_t{256}, std::uint64_t{257}, std::uint64_t{512}}) {
    for (const bool is_longer : {false, true}) {
      CAPTURE(at);
      CAPTURE(is_longer);
      Numbers numbers;
      // Behind the key that is at, or before it where its last byte is zero.
      const auto key = Numbers::stored(at);
      std::vector<std::byte> other(key.bytes().begin(), key.bytes().end());
      is_longer ? other.push_back(std::byte{1}) : other.pop_back();
      numbers.put_raw(other, std::vector<std::byte>(sizeof(at)));
      const std::uint64_t before = is_longer ? at + 1 : at & ~std::uint64_t{0xff};
      std::vector<std::uint64_t> expected(before);
      std::ranges::generate(expected, [next = std::uint64_t{0}]() mutable { return next++; });
      CHECK(keys_before_failure(numbers.table.range()) == expected);
    }
  }
}

// Law: nor are bytes that are no value of it shown as one: here none of a leaf's are, or one is
// not.
TEST_CASE("ranges of numbers give no value that is none") {
  constexpr std::uint64_t highest = Numbers::count - 1;
  const std::vector<std::byte> other(sizeof(std::uint32_t));
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1}, highest}) {
    for (const std::uint64_t last : {first, highest}) {
      CAPTURE(first);
      CAPTURE(last);
      Numbers numbers;
      for (std::uint64_t key = first; key <= last; ++key)
        numbers.put_raw(Numbers::stored(key).bytes(), other);
      CHECK(keys_before_failure(numbers.table.range()).size() == first);
    }
  }
}

template <class K>
Model<K, std::uint32_t> model_of(std::uint64_t count, std::uint64_t key_count,
                                 std::mt19937_64& random) {
  Model<K, std::uint32_t> model;
  for (std::uint64_t n = 0; n < count; ++n) {
    model.emplace(sample<K>(random() % key_count), static_cast<std::uint32_t>(random()));
  }
  return model;
}

template <class K>
void check_small_ranges(std::uint64_t seed) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto model = model_of<K>(8, 20, random);
  with_faces(model, [&](const auto& face) {
    for (std::uint64_t from = 0; from < 20; ++from) {
      for (std::uint64_t to = 0; to < 20; ++to) {
        check_bounds(face, model, sample<K>(from), sample<K>(to));
      }
    }
  });
}

TEST_CASE("a range gives what lies between its bounds: all bounds over few keys") {
  for (std::uint64_t seed = 0; seed < scaled(5); ++seed) {
    check_small_ranges<std::string>(seed);
    check_small_ranges<std::int32_t>(seed);
    check_small_ranges<std::tuple<std::string, std::uint32_t>>(seed);
  }
}

TEST_CASE("a range gives what lies between its bounds: over many pages") {
  for (std::uint64_t seed = 0; seed < scaled(4); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto model = model_of<std::string>(5000, 100'000, random);
    with_faces(model, [&](const auto& face) {
      for (int n = 0; n < 20; ++n) {
        check_bounds(face, model, sample<std::string>(random() % 100'000),
                     sample<std::string>(random() % 100'000));
      }
      check_like(face, model);
    });
  }
}

TEST_CASE("integers are read in their order, negative ones first") {
  using Number = std::int64_t;
  constexpr auto lowest = std::numeric_limits<Number>::min();
  constexpr auto highest = std::numeric_limits<Number>::max();
  Model<Number, std::uint32_t> model;
  for (const Number key : {lowest, Number{-256}, Number{-1}, Number{0}, Number{1}, highest}) {
    model.emplace(key, 1);
  }
  with_faces(model, [&](const auto& face) {
    check_like(face, model);
    check_bounds<Number, std::uint32_t>(face, model, -256, 1);
    check_bounds<Number, std::uint32_t>(face, model, lowest, highest);
  });
}

TEST_CASE("a prefix gives the texts that begin like that") {
  for (std::uint64_t seed = 0; seed < scaled(5); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto model = model_of<std::string>(60, 400, random);
    with_faces(model, [&](const auto& face) {
      for (std::uint64_t number = 0; number < 100; ++number) {
        const auto prefix = sample<std::string>(number);
        Entries<std::string, std::uint32_t> expected;
        for (const auto& entry : model) {
          if (entry.first.starts_with(prefix)) expected.emplace_back(entry);
        }
        REQUIRE(entries_of<std::uint32_t, std::string>(face.prefix(prefix)) == expected);
        REQUIRE(entries_of<std::uint32_t, std::string>(face.prefix(starts_with(prefix))) ==
                expected);
        REQUIRE(entries_of<std::uint32_t, std::string>(face.prefix(prefix).reversed()) ==
                reversed(expected));
      }
    });
  }
}

TEST_CASE("a prefix of a tuple is its leading fields, the last perhaps by its beginning") {
  using K = std::tuple<std::string, std::uint32_t>;
  for (std::uint64_t seed = 0; seed < scaled(5); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto model = model_of<K>(60, 160, random);
    with_faces(model, [&](const auto& face) {
      for (std::uint64_t number = 0; number < 20; ++number) {
        const auto name = sample<std::string>(number);
        Entries<K, std::uint32_t> same, beginning;
        for (const auto& entry : model) {
          if (std::get<0>(entry.first) == name) same.emplace_back(entry);
          if (std::get<0>(entry.first).starts_with(name)) beginning.emplace_back(entry);
        }
        REQUIRE(entries_of<std::uint32_t, K>(face.prefix(name)) == same);
        REQUIRE(entries_of<std::uint32_t, K>(face.prefix(starts_with(name))) == beginning);
      }
    });
  }
}

/// Squares of the numbers below a hundred.
class Squares {
 public:
  Squares() {
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    for (std::uint32_t n = 0; n < 100; ++n) editor.put(n, n * n).value();
    std::move(txn).commit().value();
  }
  Place place;
  Storage storage = place.open();
  Table<std::uint32_t, std::uint32_t> table =
      storage.new_table<std::uint32_t, std::uint32_t>("squares").build().value();
};

TEST_CASE("ranges are ranges of the standard library") {
  Squares squares;
  using Range = decltype(squares.table)::Range;
  static_assert(std::ranges::input_range<Range> && std::ranges::viewable_range<Range>);
  static_assert(std::movable<Range> && !std::copyable<Range>);
  auto keys = squares.table.range(10, 90) |
              std::views::filter([](const auto& entry) { return *entry.value % 10 == 1; }) |
              std::views::transform([](const auto& entry) { return entry.key; }) |
              std::views::take(3) | to<std::vector>();
  CHECK(keys == std::vector<std::uint32_t>{11, 19, 21});
  CHECK(std::ranges::distance(squares.table.range()) == 100);
  auto all = squares.table.range();
  const auto found =
      std::ranges::find_if(all, [](const auto& entry) { return *entry.value == 49; });
  REQUIRE(found != all.end());
  CHECK(found->key == 7);
}

TEST_CASE("structured bindings by copy keep each entry, by reference show it") {
  Squares squares;
  std::vector<Table<std::uint32_t, std::uint32_t>::Guard> kept;
  for (auto [key, value] : squares.table.range(0, 50)) kept.push_back(std::move(value));
  auto next = kept.begin();
  for (const auto& [key, value] : squares.table.range(0, 50)) CHECK(**next++ == *value);
  CHECK(next == kept.end());
}

TEST_CASE("a stream is handed to a callback as one range") {
  Squares squares;
  const auto large = squares.table.with_stream([](auto stream) {
    return stream | std::views::filter([](const auto& entry) { return *entry.value > 9000; }) |
           to<std::vector>();
  });
  REQUIRE(large.size() == 5);
  CHECK(large.front().key == 95);
  CHECK(*large.back().value == 99 * 99);
  CHECK(squares.table.with_stream([](auto) { return 7; }) == 7);
}

TEST_CASE("for_each visits the rest, and stops when it is told to") {
  Squares squares;
  auto range = squares.table.range(3, 9);
  REQUIRE(range.next().value()->key == 3);
  std::vector<std::uint32_t> keys;
  REQUIRE(
      range.for_each([&](const auto& entry) { return keys.push_back(entry.key), entry.key < 5; })
          .has_value());
  CHECK(keys == std::vector<std::uint32_t>{4, 5});
  REQUIRE(range.for_each([&](const auto& entry) { keys.push_back(entry.key); }).has_value());
  CHECK(keys == std::vector<std::uint32_t>{4, 5, 6, 7, 8});
  CHECK(range.next().value() == nullptr);
  CHECK(range.next().value() == nullptr);
  CHECK(range.begin() == range.end());
}

TEST_CASE("a range shows the state that it began with") {
  Squares squares;
  auto range = squares.table.range();
  REQUIRE(squares.table.put(50, 1).has_value());
  REQUIRE(squares.table.erase(51).value());
  std::uint32_t expected = 0;
  for (const auto& [key, value] : range) {
    CHECK(key == expected);
    CHECK(*value == key * key);
    ++expected;
  }
  CHECK(expected == 100);
}

TEST_CASE("a range outlives the table and the storage that it reads") {
  std::optional<Squares> squares(std::in_place);
  auto range = squares->table.range();
  REQUIRE(range.next().value()->key == 0);
  squares.reset();
  std::uint32_t count = 1;
  REQUIRE(range
              .for_each([&](const auto& entry) {
                CHECK(*entry.value == entry.key * entry.key);
                ++count;
              })
              .has_value());
  CHECK(count == 100);
}

/// Reads the entries [at, end) of the model by steps and skips of all lengths.
void step_and_skip(auto range, const std::vector<std::string>& expected, std::mt19937& random) {
  std::size_t at = 0;
  while (true) {
    if (random() % 8 == 0) {
      const std::size_t number = random() % (random() % 4 == 0 ? 200 : 4);
      REQUIRE(range.skip(number).has_value());
      at = std::min(at + number, expected.size());
    }
    if (random() % 16 == 0) REQUIRE(range.count().value() == expected.size() - at);
    const auto* const entry = range.next().value();
    if (at == expected.size()) {
      REQUIRE(entry == nullptr);
      return;
    }
    REQUIRE(entry != nullptr);
    REQUIRE(std::to_string(entry->key) + ' ' + std::string(*entry->value) == expected[at]);
    ++at;
  }
}

// Law: steps within a leaf, from one to the next, to large values and after skips are all alike.
TEST_CASE("a range is read by steps and skips in any order") {
  for (std::uint32_t seed = 0; seed < scaled(40); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Place place;
    Storage storage = place.open();
    auto table = storage.new_table<std::uint32_t, std::string>("table").build().value();
    constexpr std::uint32_t count = 1'000;
    const auto value_of = [&](std::uint32_t key) {
      return std::string(key % 61 == seed ? 3'000 : key % 40, static_cast<char>('a' + key % 26));
    };
    auto txn = storage.begin_write().value();
    for (std::uint32_t key = 0; key < count; ++key)
      txn.table(table).put(key, value_of(key)).value();
    REQUIRE(std::move(txn).commit().has_value());
    for (int round = 0; round < 10; ++round) {
      const std::uint32_t from = static_cast<std::uint32_t>(random()) % count;
      const std::uint32_t to = from + static_cast<std::uint32_t>(random()) % (count - from);
      std::vector<std::string> expected;
      for (std::uint32_t key = from; key < to; ++key)
        expected.push_back(std::to_string(key) + ' ' + value_of(key));
      step_and_skip(table.range(from, to), expected, random);
      std::ranges::reverse(expected);
      step_and_skip(table.range(from, to).reversed(), expected, random);
    }
  }
}

// A failed step left the entry before it in place, and begin() took that for the next one.
TEST_CASE("a range that has failed is not read on from its last entry") {
  Squares squares;
  auto txn = squares.storage.begin_write().value();
  auto editor = txn.table(squares.table);
  auto range = editor.range();
  REQUIRE(range.next().value()->key == 0);
  REQUIRE(editor.put(7, 7).has_value());
  CHECK(code_of(range.next()) == ErrorCode::invalid_argument);
  CHECK(code_of(range.next()) == ErrorCode::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(range.begin()), BadResult);
}

// Law: an entry that is taken out of a range keeps its value readable by itself.
TEST_CASE("entries that are taken out of a range outlive it") {
  constexpr std::uint64_t count = 500;
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::uint64_t, std::string>("table").build().value();
  for (std::uint64_t key = 0; key < count; ++key)
    REQUIRE(table.put(key, "value " + std::to_string(key)));
  using Taken = std::remove_cvref_t<decltype(table.range().take())>;
  std::vector<Taken> taken;
  {
    auto range = table.range();
    while (range.next().value() != nullptr) taken.push_back(std::move(range).take());
  }
  for (std::uint64_t key = 0; key < count; ++key) REQUIRE(table.put(key, "another"));
  REQUIRE(taken.size() == count);
  for (const Taken& entry : taken) {
    const Taken copy = entry;
    REQUIRE(*copy.value == "value " + std::to_string(copy.key));
  }
}

TEST_CASE("an error in a loop is thrown and never taken for the end") {
  Squares squares;
  auto txn = squares.storage.begin_write().value();
  auto editor = txn.table(squares.table);
  int steps = 0;
  const auto erase_all = [&] {
    for (const auto& [key, value] : editor.range()) {
      ++steps;
      editor.erase(key).value();
    }
  };
  CHECK_THROWS_AS(erase_all(), BadResult);
  CHECK(steps == 1);
  CHECK(editor.size().value() == 99);
}

TEST_CASE("quire::to fills any container") {
  Squares squares;
  const auto keys = std::views::transform([](const auto& entry) { return entry.key % 3; });
  CHECK((squares.table.range() | keys | to<std::set>()) == std::set<std::uint32_t>{0, 1, 2});
  CHECK((squares.table.range() | keys | to<std::vector<double>>()).size() == 100);
  const std::vector<std::string_view> views{"a", "b"};
  CHECK((views | to<std::vector<std::string>>()) == std::vector<std::string>{"a", "b"});
  CHECK((views | to<std::set<std::string>>()) == std::set<std::string>{"a", "b"});
}

TEST_CASE("keys that are made on the way are looked up as they were") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::string, std::uint32_t>("table").build().value();
  const auto name = [](std::uint32_t number) {
    return "a name that no string keeps inside of itself " + std::to_string(number);
  };
  for (std::uint32_t number = 0; number < 200; ++number) table.put(name(number), number).value();
  const auto names = std::views::iota(0U, 200U) | std::views::transform(name);
  const auto guards = table.get_many(names).value();
  REQUIRE(guards.size() == 200);
  for (std::uint32_t number = 0; number < 200; ++number) {
    REQUIRE(guards[number].has_value());
    REQUIRE(**guards[number] == number);
  }
}

TEST_CASE("a range is split before any of it is read") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::uint32_t, std::uint32_t>("table").build().value();
  for (std::uint32_t number = 0; number < 20; ++number) table.put(number, number).value();
  auto read = table.range();
  REQUIRE(read.next().has_value());
  CHECK(code_of(std::move(read).split(2)) == ErrorCode::invalid_argument);
  auto passed = table.range();
  REQUIRE(passed.skip(1).has_value());
  CHECK(code_of(std::move(passed).split(2)) == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace quire::test
