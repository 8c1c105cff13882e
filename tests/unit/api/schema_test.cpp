// What a table's types and formats decide: what compiles, and what may be opened again.
#include "quire/api/schema.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "unit/api/model.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

/// Numbers as keys in an order of no use: lowest byte first.
struct UnorderedFormat {
  static constexpr bool is_ordered = false;
  template <std::same_as<std::uint32_t> K>
  using Argument = K;
  template <std::same_as<std::uint32_t> K>
  [[nodiscard]] FixedKey<4> encode(K key) const {
    FixedKey<4> encoded;
    for (unsigned n = 0; n < 4; ++n) encoded.room[n] = static_cast<std::byte>(key >> (8 * n));
    return encoded;
  }
  template <std::same_as<std::uint32_t> K>
  [[nodiscard]] Result<K> decode(Bytes stored) const {
    if (stored.size() != 4) return fail(ErrorCode::corrupt);
    K key = 0;
    for (unsigned n = 0; n < 4; ++n) key |= static_cast<K>(stored[n]) << (8 * n);
    return key;
  }
  template <std::same_as<std::uint32_t> K>
  [[nodiscard]] std::string descriptor() const {
    return "unordered";
  }
};
static_assert(KeyFormat<UnorderedFormat, std::uint32_t>);
static_assert(!OrderedKeyFormat<UnorderedFormat, std::uint32_t>);

template <class T>
concept HasRange = requires(const T& face) { face.range(); };
template <class T, class K>
concept HasBoundedRange = requires(const T& face, const K& key) { face.range(key, key); };
template <class T, class K>
concept HasRangeFrom = requires(const T& face, const K& key) { face.range_from(key); };
template <class T>
concept HasReverse = requires(const T& face) { face.reverse(); };
template <class T>
concept HasEnds = requires(const T& face) {
  face.first();
  face.last();
};
template <class T>
concept HasStream = requires(const T& face) { face.with_stream([](auto) { return 1; }); };
template <class T, class... Leading>
concept HasPrefix = requires(const T& face, const Leading&... leading) { face.prefix(leading...); };

template <class T, class K>
constexpr bool has_all_ranges = HasRange<T> && HasBoundedRange<T, K> && HasRangeFrom<T, K> &&
                                HasReverse<T> && HasEnds<T> && HasStream<T>;
template <class T, class K>
constexpr bool has_no_ranges = !HasRange<T> && !HasBoundedRange<T, K> && !HasRangeFrom<T, K> &&
                               !HasReverse<T> && !HasEnds<T> && !HasStream<T>;

// A key format without order gives a table without ranges, whatever face it is read through.
using Ordered = Table<std::uint32_t, int>;
using Unordered = Table<std::uint32_t, int, UnorderedFormat>;
static_assert(has_all_ranges<Ordered, std::uint32_t>);
static_assert(has_all_ranges<TableSnapshot<Ordered::SchemaType>, std::uint32_t>);
static_assert(has_all_ranges<TableEditor<Ordered::SchemaType>, std::uint32_t>);
static_assert(has_no_ranges<Unordered, std::uint32_t>);
static_assert(has_no_ranges<TableSnapshot<Unordered::SchemaType>, std::uint32_t>);
static_assert(has_no_ranges<TableEditor<Unordered::SchemaType>, std::uint32_t>);

// Prefixes are of texts, bytes and tuples, by fields that the tuple has.
using Texts = Table<std::string, int>;
using Tuples = Table<std::tuple<std::string, std::uint32_t, std::string>, Empty>;
static_assert(HasPrefix<Texts, std::string> && HasPrefix<Texts, char[3]>);
static_assert(HasPrefix<Texts, StartsWith> && HasPrefix<RawTable, Bytes>);
static_assert(!HasPrefix<Texts, int> && !HasPrefix<Texts> && !HasPrefix<Ordered, std::uint32_t>);
static_assert(!HasPrefix<Unordered, std::uint32_t> && !HasPrefix<Texts, std::string, int>);
static_assert(HasPrefix<Tuples, std::string> && HasPrefix<Tuples, std::string, std::uint32_t>);
static_assert(HasPrefix<Tuples, std::string, int, StartsWith> && HasPrefix<Tuples, StartsWith>);
static_assert(!HasPrefix<Tuples, std::string, int, std::string> && !HasPrefix<Tuples, int>);
static_assert(!HasPrefix<Tuples, StartsWith, int> && !HasPrefix<Tuples, std::string, StartsWith>);

// What can be copied and moved, and what that may throw.
static_assert(std::copyable<Storage> && std::copyable<Ordered> && std::copyable<StorageSnapshot>);
static_assert(std::copyable<Ordered::Guard> && std::copyable<Ordered::Entry>);
static_assert(std::is_nothrow_move_constructible_v<Ordered::Guard>);
static_assert(std::is_nothrow_move_assignable_v<Ordered::Guard>);
static_assert(std::movable<StorageTransaction> && !std::copy_constructible<StorageTransaction>);
static_assert(std::movable<Ordered::Range> && !std::copy_constructible<Ordered::Range>);
static_assert(!std::is_default_constructible_v<Ordered::Guard>);

// What guards show: objects by reference, texts and bytes by views of them.
template <class T>
using Shown = decltype(*std::declval<const typename T::Guard&>());
static_assert(std::same_as<Shown<Ordered>, const int&>);
static_assert(std::same_as<Shown<Table<int, std::string>>, const std::string_view&>);
static_assert(std::same_as<Shown<RawTable>, const Bytes&>);
static_assert(std::same_as<Shown<Tuples>, const Empty&>);

TEST_CASE("a table without order has its point operations") {
  Place place;
  Storage storage = place.open();
  auto table =
      storage.new_table<std::uint32_t, int>("table").with_key_format(UnorderedFormat{}).build();
  REQUIRE(table->put(256, 1).has_value());
  REQUIRE(table->insert_if_absent(1, 2).value());
  CHECK(**table->get(256).value() == 1);
  CHECK(table->erase(1).value());
  CHECK(table->size().value() == 1);
  auto txn = storage.begin_write().value();
  CHECK(**txn.table(*table).get(256).value() == 1);
  CHECK(code_of(storage.new_table<std::uint32_t, int>("table").build()) ==
        ErrorCode::type_mismatch);
}

/// Makes a table of one type and opens it as another.
template <class K, class V, class OtherK, class OtherV>
void check_mismatch(std::string_view stored, std::string_view asked) {
  CAPTURE(stored);
  CAPTURE(asked);
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<K, V>("some table").build().value();
  REQUIRE(table.put(sample<K>(1), sample<V>(2)).has_value());
  for (const bool may_make : {false, true}) {
    const auto other = may_make ? storage.new_table<OtherK, OtherV>("some table").build()
                                : storage.open_table<OtherK, OtherV>("some table").build();
    REQUIRE(code_of(other) == ErrorCode::type_mismatch);
    const std::string message = other.error().message();
    CAPTURE(message);
    CHECK(message.contains("some table"));
    CHECK(message.contains("stored: " + std::string(stored)));
    CHECK(message.contains("asked: " + std::string(asked)));
  }
  CHECK(table.size().value() == 1);
}

TEST_CASE("a table is opened with the types that it was made with, or both are shown") {
  check_mismatch<std::uint32_t, std::string, std::uint64_t, std::string>("key u32, value text",
                                                                         "key u64, value text");
  check_mismatch<std::uint32_t, std::string, std::int32_t, std::string>("key u32, value text",
                                                                        "key i32, value text");
  check_mismatch<std::uint32_t, std::string, std::uint32_t, std::uint32_t>(
      "key u32, value text", "key u32, value plain(u32)");
  check_mismatch<std::string, Reading, std::string, double>(
      "key string, value plain(size=16,align=8)", "key string, value plain(f64)");
  check_mismatch<std::tuple<std::string, std::uint32_t>, Empty, std::string, Empty>(
      "key tuple(string,u32), value empty", "key string, value empty");
  check_mismatch<std::uint32_t, std::uint64_t, std::string, std::string>(
      "key u32, value plain(u64)", "key string, value text");
}

/// One plain struct, and what others call a Point or make of it.
namespace first {
struct Point {
  std::int32_t x, y;
};
QUIRE_DESCRIBE(Point, x, y)
}  // namespace first
namespace moved {
struct Point {
  std::int32_t x, y;
};
QUIRE_DESCRIBE(Point, x, y)
}  // namespace moved
namespace reordered {
struct Point {
  std::int32_t y, x;
};
QUIRE_DESCRIBE(Point, y, x)
}  // namespace reordered
namespace retyped {
struct Point {
  std::int32_t x;
  float y;
};
QUIRE_DESCRIBE(Point, x, y)
}  // namespace retyped
namespace renamed {
struct Point {
  std::int32_t x, z;
};
QUIRE_DESCRIBE(Point, x, z)
struct Place {
  std::int32_t x, y;
};
QUIRE_DESCRIBE(Place, x, y)
}  // namespace renamed
namespace shifted {
struct Point {
  std::int32_t y, x;
};
QUIRE_DESCRIBE(Point, x, y)
}  // namespace shifted

/// What opening a table of First as one of Second complains of; nothing when it does not.
template <class First, class Second>
std::string complaint_of_opening() {
  Place place;
  Storage storage = place.open();
  REQUIRE(storage.new_table<int, First>("points").build()->put(1, {}).has_value());
  const auto other = storage.open_table<int, Second>("points").build();
  if (other) return "";
  CHECK(other.error().code() == ErrorCode::type_mismatch);
  return std::string(other.error().detail());
}

TEST_CASE("a described plain struct whose fields changed is refused, with the first that did") {
  const auto refusal = [](const std::string& asked, const std::string& difference) {
    return "table \"points\"; stored: key i32, value plain(Point,size=8,align=4,0:x:i32,4:y:i32); "
           "asked: key i32, value plain(" +
           asked + "); first difference: value, " + difference;
  };
  using Stored = first::Point;
  CHECK(complaint_of_opening<Stored, reordered::Point>() ==
        refusal("Point,size=8,align=4,0:y:i32,4:x:i32", "stored 0:x:i32, asked 0:y:i32"));
  CHECK(complaint_of_opening<Stored, retyped::Point>() ==
        refusal("Point,size=8,align=4,0:x:i32,4:y:f32", "stored 4:y:i32, asked 4:y:f32"));
  CHECK(complaint_of_opening<Stored, renamed::Point>() ==
        refusal("Point,size=8,align=4,0:x:i32,4:z:i32", "stored 4:y:i32, asked 4:z:i32"));
  CHECK(complaint_of_opening<Stored, renamed::Place>() ==
        refusal("Place,size=8,align=4,0:x:i32,4:y:i32", "stored Point, asked Place"));
  CHECK(complaint_of_opening<Stored, shifted::Point>() ==
        refusal("Point,size=8,align=4,4:x:i32,0:y:i32", "stored 0:x:i32, asked 4:x:i32"));
  CHECK(complaint_of_opening<Stored, Reading>() ==
        refusal("size=16,align=8", "stored Point, asked size=16"));
}

TEST_CASE("a described plain struct may move to another namespace") {
  CHECK(complaint_of_opening<first::Point, moved::Point>().empty());
}

TEST_CASE("the first difference of two schemas is pointed out") {
  const auto difference = [](std::string_view stored, std::string_view asked) {
    return detail::first_difference("key", stored, asked).value_or("none");
  };
  CHECK(difference("u32", "u32") == "none");
  CHECK(difference("u32", "u64") == "key, stored u32, asked u64");
  CHECK(difference("tuple(string,u32)", "tuple(string,u64)") == "key, stored u32, asked u64");
  CHECK(difference("tuple(string,u32)", "tuple(string,u32,u8)").contains("asked"));
  CHECK(difference("", "u8") == "key, stored nothing more, asked u8");
}

TEST_CASE("a table whose values are aligned less than is asked for is not opened") {
  Place place;
  Storage storage = place.open();
  const auto build = [&](std::uint32_t alignment) {
    return storage.new_table<std::uint32_t, ByteString>("raw")
        .with_value_format(RawFormat{.value_alignment = alignment})
        .build();
  };
  REQUIRE(build(8).has_value());
  CHECK(build(8).has_value());
  CHECK(code_of(build(16)) == ErrorCode::type_mismatch);
}

}  // namespace
}  // namespace quire::test
