// False and damaged redo logs.
#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "quire/engine/txn/redo_log.hpp"
#include "support/temporary_directory.hpp"
#include "unit/engine/txn/recording_store.hpp"

namespace quire::test {
namespace {

// ---- False logs

const Meta* newest_slot(const Slots& slots) {
  const Meta* newest = nullptr;
  for (const auto& slot : slots)
    if (slot && (newest == nullptr || slot->sequence > newest->sequence)) newest = &*slot;
  return newest;
}

/// The records that a file has, as a part of it.
struct FoundLog {
  std::size_t begin = 0;
  RedoEnd end;
};

FoundLog log_of(Bytes content) {
  const Slots slots = read_slots(content).value();
  const Meta& newest = *newest_slot(slots);
  RedoReader reader(content, newest, {});
  while (reader.next().value()) {
  }
  return {std::size_t{newest.redo.pages.first.value} * page_size, reader.end()};
}

/// The file of a store with one more record, behind those that it has.
std::vector<std::byte> file_with(RecordingStore& store, RedoRecord& record,
                                 TxnId txn = {1'000'000}) {
  std::vector<std::byte> content = store.file();
  const FoundLog log = log_of(content);
  copy_bytes(content.data() + log.begin + log.end.place.offset, record.seal(txn, log.end.place, 0));
  return content;
}

Result<Database> opened(MemoryFileSystem& files, const std::vector<std::byte>& content,
                        Access access = Access::read_write) {
  files.add_file("data", content).value();
  Options options;
  options.access = access;
  options.create = Create::never;
  options.file_system = &files;
  return Database::open("data", options);
}

TEST_CASE("a record that does not fit the file is said to be damage, to writers and readers") {
  const std::string long_key(2000, 'k');
  const std::string long_value(5000, 'v');
  const std::vector<std::function<void(RedoRecord&, TableId)>> lies = {
      [](RedoRecord& record, TableId) { record.put({99}, as_bytes("key"), as_bytes("value")); },
      [](RedoRecord& record, TableId) { record.erase({0}, as_bytes("key")); },
      [&](RedoRecord& record, TableId table) { record.put(table, as_bytes(long_key), {}); },
      [&](RedoRecord& record, TableId table) {
        record.put(table, as_bytes("key"), as_bytes(long_value));
      }};
  for (const auto& lie : lies) {
    RecordingStore store;
    store.record(0, 3);
    RedoRecord record;
    record.begin(10'000);
    lie(record, store.table().id);
    for (const Access access : {Access::read_only, Access::read_write}) {
      MemoryFileSystem files;
      const Result<Database> refused = opened(files, file_with(store, record), access);
      CHECK(code_of(refused) == ErrorCode::corrupt);
      CHECK(refused.error().message().find("redo log") != std::string::npos);
    }
  }
}

TEST_CASE("records of impossible transactions are damage") {
  for (const TxnId txn : {TxnId{1}, TxnId{(std::uint64_t{1} << txn_bits) - 1}}) {
    RecordingStore store;
    store.record(0, 3);
    RedoRecord record;
    record.begin(10'000);
    record.put(store.table().id, as_bytes("key"), as_bytes("value"));
    MemoryFileSystem files;
    CHECK(code_of(opened(files, file_with(store, record, txn))) == ErrorCode::corrupt);
  }
}

// Who brought such a log home by a close that has nothing to write would find it there again.
TEST_CASE("records that change nothing are damage, also to who shares the file") {
  RecordingStore store;
  store.commit(0, "value", Durability::two_phase);
  RedoRecord record;
  record.begin(10'000);
  record.erase(store.table().id, as_bytes("no such key"));
  const std::vector<std::byte> content = file_with(store, record);
  MemoryFileSystem files;
  CHECK(code_of(opened(files, content)) == ErrorCode::corrupt);
  const TemporaryDirectory directory;
  std::ofstream(directory / "data", std::ios::binary) << as_text(content);
  Options shared;
  shared.sharing = Sharing::shared;
  CHECK(code_of(Database::open(directory / "data", shared)) == ErrorCode::corrupt);
}

// Law: no bit of an acknowledged record can flip unnoticed, but in the last one, which cannot be
// told from one that was being written.
TEST_CASE("a flipped bit in the log is an error, or takes the last record") {
  RecordingStore store;
  store.record(0, 4);
  const Content before = store.content();
  store.record(4);
  const std::vector<std::byte> content = store.file();
  const FoundLog log = log_of(content);
  for (std::size_t bit = 0; bit < log.end.place.offset * 8; bit += 3) {
    CAPTURE(bit);
    std::vector<std::byte> changed = content;
    changed[log.begin + bit / 8] ^= std::byte{1} << (bit % 8);
    MemoryFileSystem files;
    const Result<Database> database = opened(files, changed, Access::read_only);
    if (database)
      CHECK(quire::test::content(database->snapshot().value(), store.table()) == before);
    else
      CHECK(code_of(database) == ErrorCode::corrupt);
  }
}

// Law: damage in the space log, which only writers need, keeps nobody from saving the entries.
TEST_CASE("who only reads sees what is recorded where the space log is damaged") {
  RecordingStore store({.checkpoint_after = 1, .log_in_slots = false});
  store.record(0, 4);
  store.commit(4, "value", Durability::two_phase);
  store.record(5, 8);
  std::vector<std::byte> content = store.file();
  const Slots slots = read_slots(content).value();
  const Meta& newest = *newest_slot(slots);
  REQUIRE(newest.durable == newest.state.txn);
  content[std::size_t{newest.state.log_page.value} * page_size + 100] ^= std::byte{1};
  MemoryFileSystem files;
  const Database database = opened(files, content, Access::read_only).value();
  CHECK(quire::test::content(database.snapshot().value(), store.table()).size() == 8);
}

}  // namespace
}  // namespace quire::test
