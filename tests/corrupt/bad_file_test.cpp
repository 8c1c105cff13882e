// Files that are no database, or none for this version: a clear error, and not a byte changed.
#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "image.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire::test {
namespace {

using Content = std::vector<std::byte>;

constexpr std::array accesses{Access::read_only, Access::read_write};

Content text(std::string_view bytes) {
  const Bytes view = as_bytes(bytes);
  return {view.begin(), view.end()};
}

/// A sentence about each opening that does not fail with this code, or changes the file.
std::string complaint(const Content& content, Access access, ErrorCode code, Create create) {
  MemoryFileSystem files;
  files.add_file("file", content).value();
  Options options = options_for(files, access);
  options.create = create;
  const Result<Database> database = Database::open("file", options);
  if (database) return "it was opened";
  const Error& error = database.error();
  if (error.code() != code) return "another error: " + error.message();
  if (error.message().size() < 10) return "the message says nothing";
  return bytes_of(files, "file") == content ? "" : "the file was changed";
}

void check_refused(const Content& content, ErrorCode code) {
  for (const Access access : accesses) {
    CAPTURE(static_cast<int>(access));
    CHECK(complaint(content, access, code, Create::never) == "");
  }
  if (!content.empty())
    CHECK(complaint(content, Access::read_write, code, Create::if_missing) == "");
}

TEST_CASE("a file of another kind is not a database, however long it is") {
  const std::string sqlite("SQLite format 3\0", 16);
  for (const std::string& beginning : {std::string("\0", 1), std::string("plain text\n"), sqlite,
                                       std::string("\x89PNG\r\n\x1a\n"), std::string("quire")}) {
    for (const std::size_t size : {1UL, 100UL, 4096UL, 65535UL, 65536UL, 200'000UL}) {
      CAPTURE(size);
      std::string bytes = beginning;
      bytes.resize(size, 'x');
      check_refused(text(bytes), ErrorCode::not_a_database);
    }
    check_refused(Content(200'000), ErrorCode::not_a_database);
  }
}

TEST_CASE("an empty file is no database where none may be made") {
  check_refused({}, ErrorCode::not_a_database);
}

TEST_CASE("an empty file becomes a database where one may be made") {
  MemoryFileSystem files;
  files.add_file("file", {}).value();
  Options options = options_for(files, Access::read_write);
  options.create = Create::if_missing;
  CHECK(Database::open("file", options).has_value());
  CHECK(bytes_of(files, "file").size() > layout::meta_area_size);
}

// Law: a file that was cut is damaged, wherever it was cut, and says so.
TEST_CASE("a file cut at any multiple of 512 bytes is damaged") {
  for (std::size_t size = layout::meta_slot_size; size < image().size(); size += 512) {
    CAPTURE(size);
    check_refused(Content(image().begin(), image().begin() + static_cast<std::ptrdiff_t>(size)),
                  ErrorCode::corrupt);
  }
}

TEST_CASE("a file cut within its first 4096 bytes is no database any more") {
  for (const std::size_t size : {0UL, 1UL, 16UL, 512UL, 4095UL})
    check_refused(Content(image().begin(), image().begin() + static_cast<std::ptrdiff_t>(size)),
                  ErrorCode::not_a_database);
}

TEST_CASE("the message about a cut file says that it was cut") {
  for (const std::size_t size : {20'000UL, image().size() - 4096}) {
    MemoryFileSystem files;
    files.add_file("file", Bytes(image()).first(size)).value();
    const auto database = Database::open("file", options_for(files, Access::read_only));
    REQUIRE(!database);
    CAPTURE(database.error().message());
    CHECK(database.error().message().find("cut") != std::string::npos);
  }
}

// ---- Versions and features

/// The image with a field of some meta slots changed and their checksums made right.
template <class Change>
Content changed_slots(std::uint32_t first, std::uint32_t last, Change change) {
  Content content = image();
  for (std::uint32_t slot = first; slot <= last; ++slot) {
    change(*overlay<layout::MetaSlot>(content.data() + slot * layout::meta_slot_stride));
    seal_slot(content, slot);
  }
  return content;
}

constexpr std::uint32_t newer = layout::format_version + 1;

TEST_CASE("a file of a newer format version is refused") {
  for (const std::uint32_t version : {newer, newer + 1, 0x7fffffffU, 0xffffffffU}) {
    check_refused(changed_slots(0, 3, [&](auto& slot) { slot.format_version = version; }),
                  ErrorCode::format_too_new);
  }
}

TEST_CASE("a file of which one slot is of a newer format version is refused") {
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    check_refused(changed_slots(slot, slot, [](auto& meta) { meta.format_version = newer; }),
                  ErrorCode::format_too_new);
  }
}

// A later version may have other checksums, too: its number alone must be enough to be told apart
// from damage.
TEST_CASE("a file of a newer format version is known as such without its checksum") {
  Content content = image();
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot)
    overlay<layout::MetaSlot>(content.data() + slot * layout::meta_slot_stride)->format_version =
        newer;
  check_refused(content, ErrorCode::format_too_new);
}

// ---- Tails of the space log

TEST_CASE("a slot with a tail of more bytes than it has is not sound") {
  for (const std::size_t size : {layout::log_tail_room_without_redo + 1, std::size_t{0xffff}}) {
    CAPTURE(size);
    check_refused(
        changed_slots(0, 3,
                      [&](auto& slot) { slot.log_tail_size = static_cast<std::uint16_t>(size); }),
        ErrorCode::corrupt);
  }
}

/// A record without entries in the tail of every slot.
Content with_tails(std::uint64_t txn_after, std::uint32_t page_count_after) {
  return changed_slots(0, 3, [&](layout::MetaSlot& slot) {
    layout::LogTailRecord record{};
    record.txn = slot.txn + txn_after;
    record.page_count = slot.page_count + page_count_after;
    slot.log_tail_size = sizeof(record);
    *overlay<layout::LogTailRecord>(std::as_writable_bytes(std::span(slot.log_tail)).data()) =
        record;
  });
}

// Who only reads what is durable for certain has no use for the space log.
TEST_CASE("nothing is written to a file whose slots have tails that do not lead to their states") {
  for (const auto& [txn_after, page_count_after] : {std::pair(0, 0), {1, 0}, {1, 1}}) {
    CAPTURE(txn_after);
    CAPTURE(page_count_after);
    const Content content = with_tails(static_cast<std::uint64_t>(txn_after),
                                       static_cast<std::uint32_t>(page_count_after));
    CHECK(complaint(content, Access::read_write, ErrorCode::corrupt, Create::never) == "");
  }
}

TEST_CASE("a file with any unknown incompatible feature is refused") {
  for (int bit = 1; bit < 64; ++bit) {  // the first one is known
    CAPTURE(bit);
    check_refused(
        changed_slots(0, 3,
                      [&](auto& slot) { slot.incompatible_features = std::uint64_t{1} << bit; }),
        ErrorCode::feature_unknown);
  }
}

TEST_CASE("a file with any unknown read-only feature may be read and not written") {
  for (int bit = 0; bit < 64; ++bit) {
    CAPTURE(bit);
    const Content content =
        changed_slots(0, 3, [&](auto& slot) { slot.read_only_features = std::uint64_t{1} << bit; });
    CHECK(complaint(content, Access::read_write, ErrorCode::feature_unknown, Create::never) == "");
    MemoryFileSystem files;
    files.add_file("file", content).value();
    {
      const Database database =
          Database::open("file", options_for(files, Access::read_only)).value();
      int answered = 0;
      CHECK(wrong_answer(database, image_content(), answered) == "");
      CHECK(answered == 4);
    }
    CHECK(bytes_of(files, "file") == content);
  }
}

TEST_CASE("an unknown compatible feature is of no concern, and is kept") {
  const std::uint64_t features = 0x8000'0000'0000'0001;
  MemoryFileSystem files;
  files
      .add_file("file",
                changed_slots(0, 3, [&](auto& slot) { slot.compatible_features = features; }))
      .value();
  {
    const Database database =
        Database::open("file", options_for(files, Access::read_write)).value();
    auto txn = database.begin_write().value();
    txn.create_table("another", {}).value();
    std::move(txn).commit().value();
  }
  const Content after = bytes_of(files, "file");
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    const auto& meta = *overlay<layout::MetaSlot>(after.data() + slot * layout::meta_slot_stride);
    CHECK(meta.compatible_features == features);
  }
}

TEST_CASE("a file without a sound meta slot is damaged") {
  Content content = image();
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot)
    content[slot * layout::meta_slot_stride + 64] ^= std::byte{1};
  check_refused(content, ErrorCode::corrupt);
}

/// The image with a wrong bit in the newest page of its space log.
Content image_with_damaged_log() {
  Content content = image();
  std::uint32_t log_page = 0;
  TxnId newest;
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    const auto& meta = *overlay<layout::MetaSlot>(content.data() + slot * layout::meta_slot_stride);
    if (TxnId{meta.txn} < newest) continue;
    newest = {meta.txn};
    log_page = meta.log_page;
  }
  content[log_page * std::size_t{4096} + 100] ^= std::byte{1};
  return content;
}

// Law: no state older than what is known to be durable is ever shown.
TEST_CASE("a file whose newest durable state is damaged does not fall back to an older one") {
  CHECK(complaint(image_with_damaged_log(), Access::read_write, ErrorCode::corrupt,
                  Create::never) == "");
}

// Law: damage to the accounts of space keeps writers out, and nobody from saving the entries.
TEST_CASE("a file with a damaged space log can be read, and the check says what is wrong") {
  MemoryFileSystem files;
  files.add_file("file", image_with_damaged_log()).value();
  const Database database = Database::open("file", options_for(files, Access::read_only)).value();
  int answered = 0;
  CHECK(wrong_answer(database, image_content(), answered).empty());
  CHECK(answered == static_cast<int>(image_content().size()));
  CHECK(database.check().value().has_corruption());
}

}  // namespace
}  // namespace quire::test
