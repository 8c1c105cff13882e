// Values that are written after their entry is begun: in reserved room, and in pieces.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "conformance/places.hpp"

namespace quire::test {
namespace {

/// In a leaf, in pages of its own, and in more than is gathered.
constexpr std::array some_sizes = {0UZ, 1UZ, 900UZ, 5000UZ, 700'000UZ};

std::string value_of(std::size_t size) {
  std::string value(size, '\0');
  for (std::size_t at = 0; at < size; ++at) value[at] = static_cast<char>('a' + at * 31 % 26);
  return value;
}

// Law: the room is zeros, and what is in it at the next edit is the value.
TEST_CASE_TEMPLATE_DEFINE("what is written into reserved room is stored", Place, reserved) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint64_t, std::string>(storage);
  table.put(5000, "old").value();
  for (const bool commits : {false, true}) {
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    for (const std::size_t size : some_sizes) {
      const auto room = editor.reserve(size, size).value();
      REQUIRE(room->size() == size);
      REQUIRE(std::ranges::count(*room, '\0') == static_cast<std::ptrdiff_t>(size));
      CHECK(**editor.get(5000).value() != "");
      std::ranges::copy(value_of(size), room->begin());
      CHECK((**editor.get(size).value() == value_of(size)));
    }
    CHECK(editor.size().value() == some_sizes.size());
    if (commits) std::move(txn).commit().value();
  }
  CHECK(table.size().value() == some_sizes.size());
  for (const std::size_t size : some_sizes) CHECK((**table.get(size).value() == value_of(size)));
}
TEST_CASE_TEMPLATE_APPLY(reserved, Places);

// Law: room that is gone says so, instead of being written to.
TEST_CASE_TEMPLATE_DEFINE("room is good until the next edit", Place, room_ends) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint64_t, std::string>(storage);
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  for (const std::size_t size : {100UZ, 100'000UZ}) {
    const auto room = editor.reserve(size, size).value();
    std::ranges::fill(*room, 'v');
    CHECK(room.check().has_value());
    editor.put(1, "edit").value();
    CHECK(code_of(room.check()) == ErrorCode::invalid_argument);
    CHECK_THROWS_AS(static_cast<void>(*room), BadResult);
    CHECK_THROWS_AS(static_cast<void>(room->size()), BadResult);
    if constexpr (HasSavepoints<typename Place::Backend>) {
      const auto before = editor.reserve(size, size).value();
      std::ranges::fill(*before, 'w');
      static_cast<void>(txn.savepoint().value());
      CHECK(code_of(before.check()) == ErrorCode::invalid_argument);
      CHECK((**editor.get(size).value() == std::string(size, 'w')));
    }
  }
  const auto room = editor.reserve(7, 100).value();
  std::move(txn).commit().value();
  CHECK(code_of(room.check()) == ErrorCode::closed);
  CHECK_THROWS_AS(static_cast<void>(*room), BadResult);
  CHECK((**table.get(7).value() == std::string(100, '\0')));
}
TEST_CASE_TEMPLATE_APPLY(room_ends, Places);

struct alignas(32) Block {
  std::uint64_t words[8];
};

// Law: a struct is written where it will be read, at its alignment; bytes that are no value are
// told of and not shown.
template <class Place>
void check_structs() {
  const Place place;
  auto storage = place.open();
  auto blocks = table_in<std::string, Block>(storage, "blocks");
  auto flags = table_in<std::uint32_t, bool>(storage, "flags");
  auto txn = storage.begin_write().value();
  for (std::uint64_t number = 0; number < 200; ++number) {
    const auto block =
        txn.table(blocks).reserve(std::string(number % 7, 'k') + std::to_string(number)).value();
    REQUIRE(std::bit_cast<std::uintptr_t>(&*block) % alignof(Block) == 0);
    REQUIRE(block->words[7] == 0);
    block->words[number % 8] = number;
  }
  *txn.table(flags).reserve(1).value() = true;
  std::memset(&*txn.table(flags).reserve(2).value(), 2, 1);
  CHECK(code_of(txn.table(flags).get(2)) == ErrorCode::corrupt);
  std::move(txn).commit().value();
  CHECK((**blocks.get("k155").value()).words[155 % 8] == 155);
  CHECK(**flags.get(1).value());
  CHECK(code_of(flags.get(2)) == ErrorCode::corrupt);
}

TEST_CASE_TEMPLATE_DEFINE("a struct is written in place", Place, structs) {
  if constexpr (ReservesAligned<typename Place::Backend>) {
    check_structs<Place>();
  } else {
    const Place place;
    auto storage = place.open();
    auto raw = storage.template new_table<std::uint32_t, ByteString>("raw")
                   .with_value_format(RawFormat{8})
                   .build()
                   .value();
    auto txn = storage.begin_write().value();
    const auto refused = txn.table(raw).reserve(1, 8);
    REQUIRE(code_of(refused) == ErrorCode::invalid_argument);
    CHECK(refused.error().message().contains("aligned"));
    txn.table(raw).put(1, Bytes()).value();
    std::move(txn).commit().value();
  }
}
TEST_CASE_TEMPLATE_APPLY(structs, Places);

// Law: an entry is there when all of its value has come and it was finished, and not before.
template <class Place>
void check_pieces() {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint64_t, std::string>(storage);
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  editor.put(900, "old").value();
  editor.put(1'000'000, "last").value();
  for (const std::size_t size : some_sizes) {
    const std::string value = value_of(size);
    auto writer = editor.put_in_pieces(size, size).value();
    auto range = editor.range();
    REQUIRE(range.next().value() != nullptr);
    for (const std::string_view piece : pieces(std::string_view(value), 100'000))
      writer.write(piece).value();
    CHECK(range.next().has_value());  // nothing was edited yet
    CHECK(code_of(writer.write("more")) == ErrorCode::invalid_argument);
    CHECK(editor.contains(size).value() == (size == 900));
    auto moved = std::move(writer);
    moved.finish().value();
    CHECK(code_of(range.next()) == ErrorCode::invalid_argument);
    CHECK((**editor.get(size).value() == value));
    auto given_up = editor.put_in_pieces(size, size + 10).value();
    given_up.write(value).value();
    CHECK(code_of(given_up.finish()) == ErrorCode::invalid_argument);
    CHECK(given_up.missing() == 10);
  }
  const Savepoint savepoint = txn.savepoint().value();
  auto undone = editor.put_in_pieces(77, 3).value();
  txn.rollback_to(savepoint).value();
  CHECK(code_of(undone.write("abc")) == ErrorCode::closed);
  auto late = editor.put_in_pieces(78, 3).value();
  std::move(txn).commit().value();
  CHECK(code_of(late.write("abc")) == ErrorCode::closed);
  CHECK(code_of(late.finish()) == ErrorCode::closed);
  CHECK(table.size().value() == some_sizes.size() + 1);
  for (const std::size_t size : some_sizes) CHECK((**table.get(size).value() == value_of(size)));
}

TEST_CASE_TEMPLATE_DEFINE("a value may come in pieces", Place, in_pieces) {
  if constexpr (WritesInPieces<typename Place::Backend>) check_pieces<Place>();
}
TEST_CASE_TEMPLATE_APPLY(in_pieces, Places);

}  // namespace
}  // namespace quire::test
