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
  return copy_of(record.seal({99}, place, Before::synced));
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
  CHECK(copy_of(record.seal({99}, place, Before::synced)) == three_edits());
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

// A record that was written while others before it were on their way tells nothing of these.
TEST_CASE("a record behind what is none says that there was more, if that was on the disk") {
  RedoRecord unsynced;
  unsynced.begin(plenty);
  unsynced.erase({7}, as_bytes("key"));
  const std::vector<std::byte> other = copy_of(unsynced.seal({99}, place, Before::unsynced));
  CHECK(find_record(other, place));
  CHECK_FALSE(has_synced_before(other, place));
  const std::vector<std::byte> record = three_edits();
  for (const std::size_t before : {0U, 8U, 64U, 1'000U}) {
    CAPTURE(before);
    std::vector<std::byte> bytes(before, std::byte{0x55});
    bytes.insert(bytes.end(), record.begin(), record.end());
    bytes.resize(bytes.size() + 500);
    RedoPlace begin = place;
    begin.offset -= before;
    begin.previous = 1;
    CHECK(has_synced_before(bytes, begin));
    bytes[before + 20] ^= std::byte{1};
    CHECK_FALSE(has_synced_before(bytes, begin));
  }
}

TEST_CASE("a record that is too long for its place says so, and stays so") {
  RedoRecord record;
  for (const std::size_t most : {std::size_t{32}, std::size_t{64}, std::size_t{200}}) {
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
  for (const std::uint32_t size : {0U, 8U, 24U, 36U, 4'000'000'000U}) {
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
