// Redo records as bytes: what is put in comes out, and nothing else is taken for a record.
#include "quire/engine/txn/redo_record.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "quire/engine/base/checksum.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {
namespace {

constexpr RedoPlace place{
    .seed = 0x1234'5678'9abc'def0, .offset = 1'000, .previous = 0xfedc'ba98'7654'3210};
constexpr std::size_t plenty = 4096;

std::vector<std::byte> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<std::byte> three_edits() {
  RedoRecord record;
  record.begin(plenty);
  record.put({7}, as_bytes("key"), as_bytes("value"));
  record.erase({70'000}, as_bytes(""));
  record.put({8}, as_bytes("no value"), {});
  return copy_of(record.seal({99}, place, place.offset));
}

TEST_CASE("a redo record says what was put into it") {
  const std::vector<std::byte> bytes = three_edits();
  CHECK(bytes.size() % layout::redo_record_alignment == 0);
  const auto found = find_record(bytes, place);
  REQUIRE(found);
  CHECK(found->txn == TxnId{99});
  CHECK(found->edit_count == 3);
  CHECK(found->size == bytes.size());
  Bytes edits = found->edits;
  const RedoEdit put = next_edit(edits).value();
  CHECK(put.table == TableId{7});
  CHECK(as_text(put.key) == "key");
  CHECK(as_text(put.value.value()) == "value");
  const RedoEdit erased = next_edit(edits).value();
  CHECK(erased.table == TableId{70'000});
  CHECK(erased.key.empty());
  CHECK_FALSE(erased.value.has_value());
  const RedoEdit empty = next_edit(edits).value();
  CHECK(as_text(empty.key) == "no value");
  CHECK(empty.value.value().empty());
  CHECK(edits.size() < layout::redo_record_alignment);
}

TEST_CASE("an edit that is taken back leaves no trace") {
  RedoRecord record;
  record.begin(plenty);
  record.put({7}, as_bytes("key"), as_bytes("value"));
  record.put({7}, as_bytes("another key"), as_bytes("another value"));
  record.take_back();
  record.erase({70'000}, as_bytes(""));
  record.put({8}, as_bytes("no value"), {});
  CHECK(record.edit_count() == 3);
  CHECK(copy_of(record.seal({99}, place, place.offset)) == three_edits());
}

TEST_CASE("no bit of a redo record can flip unnoticed, and no byte can be missing") {
  const std::vector<std::byte> bytes = three_edits();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    CAPTURE(bit);
    std::vector<std::byte> changed = bytes;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    REQUIRE_FALSE(find_record(changed, place));
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE_FALSE(find_record(Bytes(bytes).first(size), place));
}

TEST_CASE("a record is found in its own place only") {
  const std::vector<std::byte> bytes = three_edits();
  RedoPlace other = place;
  other.seed += 1;
  CHECK_FALSE(find_record(bytes, other));
  other = place;
  other.offset += 8;
  CHECK_FALSE(find_record(bytes, other));
  other = place;
  other.previous += 1;
  CHECK_FALSE(find_record(bytes, other));
}

/// A record behind so many bytes that are none, which says that so much of the log was on the disk.
std::vector<std::byte> behind(std::size_t none, std::uint64_t synced, TxnId txn = {99}) {
  RedoRecord record;
  record.begin(plenty);
  record.erase({7}, as_bytes("key"));
  RedoPlace there = place;
  there.offset += none;
  std::vector<std::byte> bytes(none, std::byte{0x55});
  const Bytes sealed = record.seal(txn, there, synced);
  bytes.insert(bytes.end(), sealed.begin(), sealed.end());
  bytes.resize(bytes.size() + 500);
  return bytes;
}

// Law: what is no record was one that is lost, if any record behind it says that it was on the
// disk.
TEST_CASE("a record says of what lies before it whether that was on the disk") {
  for (const std::size_t none : {8U, 64U, 1'000U}) {
    CAPTURE(none);
    CHECK(was_synced(behind(none, place.offset + 1), place, {98}));
    CHECK(was_synced(behind(none, place.offset + none), place, {98}));
    CHECK_FALSE(was_synced(behind(none, place.offset), place, {98}));
    CHECK_FALSE(was_synced(behind(none, place.offset + 1), place, {99}));
    std::vector<std::byte> damaged = behind(none, place.offset + 1);
    damaged[none + 41] ^= std::byte{1};
    CHECK_FALSE(was_synced(damaged, place, {98}));
  }
}

// Numbers that look like sizes, as any data may have, do not tire it.
TEST_CASE("a record is found behind much that looks like one") {
  std::vector<std::byte> bytes(100'000);
  for (std::size_t at = 0; at + 512 <= bytes.size(); at += 512)
    for (std::size_t field = 0; field < 40; field += 8)
      *overlay<U32le>(bytes.data() + at + field) = 8'000;
  std::vector<std::byte> found = behind(bytes.size(), place.offset + 1);
  copy_bytes(found.data(), bytes);
  CHECK(was_synced(found, place, {98}));
}

TEST_CASE("a record that is too long for its place says so, and stays so") {
  RedoRecord record;
  for (const std::size_t most : {std::size_t{40}, std::size_t{64}, std::size_t{200}}) {
    record.begin(most);
    CHECK_FALSE(record.has_overflowed());
    while (!record.has_overflowed()) {
      REQUIRE(record.size() <= most);
      record.put({1}, as_bytes("key"), as_bytes("some value"));
    }
    record.take_back();
    CHECK(record.has_overflowed());
  }
}

/// A record whose checksum holds, whatever it says.
std::vector<std::byte> sealed(std::vector<std::byte> bytes) {
  auto& header = *overlay<layout::RedoRecordHeader>(bytes.data());
  header.checksum = checksum64(Bytes(bytes).subspan(8), place.seed ^ place.offset);
  return bytes;
}

TEST_CASE("sizes that no writer produces end the log") {
  const std::vector<std::byte> bytes = three_edits();
  for (const std::uint32_t size : {0U, 8U, 32U, 44U, 4'000'000'000U}) {
    CAPTURE(size);
    std::vector<std::byte> changed = bytes;
    overlay<layout::RedoRecordHeader>(changed.data())->size = size;
    CHECK_FALSE(find_record(sealed(changed), place));
  }
}

TEST_CASE("edits that reach beyond their record are damage") {
  std::vector<std::byte> bytes = three_edits();
  const std::size_t edits_at = sizeof(layout::RedoRecordHeader);
  for (const std::uint16_t key_size : {std::uint16_t{200}, std::uint16_t{0xffff}}) {
    overlay<layout::RedoEditHeader>(bytes.data() + edits_at)->key_size = key_size;
    const std::vector<std::byte> changed = sealed(bytes);
    Bytes edits = find_record(changed, place).value().edits;
    const Result<RedoEdit> edit = next_edit(edits);
    REQUIRE_FALSE(edit.has_value());
    CHECK(edit.error().code() == ErrorCode::corrupt);
  }
  Bytes rest = Bytes(bytes).first(7);
  CHECK_FALSE(next_edit(rest).has_value());
}

}  // namespace
}  // namespace quire
