// Values in pieces: the same as if they were put whole, without memory for them.
#include "quire/engine/txn/value_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"
#include "unit/engine/txn/watched_files.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

ValueWriter begin_value(WriteTransaction& txn, const NamedTable& table, std::string_view key,
                        std::uint64_t size) {
  return txn.put_in_pieces(table.id, table.name, as_bytes(key), size).value();
}

/// In pieces of random sizes, up to the limit.
void write_all(ValueWriter& writer, const std::string& value, Dice& dice, std::uint64_t limit) {
  for (Bytes rest = as_bytes(value); !rest.empty();) {
    const Bytes piece = rest.first(std::min<std::size_t>(rest.size(), dice.below(limit + 1)));
    writer.write(piece).value();
    rest = rest.subspan(piece.size());
    REQUIRE(writer.missing() == rest.size());
  }
}

/// Sizes where something changes: inline or not, pages of a run, gathered or written through.
std::vector<std::size_t> edge_sizes(std::size_t page) {
  constexpr std::size_t gathered = 256 << 10;
  return {0,
          1,
          page / 4 - 12,  // keys have 12 bytes
          page / 4 - 11,
          page - 64,
          page - 63,
          2 * page - 64,
          2 * page - 63,
          page - 64 + gathered,
          page - 64 + gathered + 1,
          3 << 20};
}

// Law: an entry is not there before all of its value is, and then it is as if it had been put
// whole, however the value was cut: in the transaction, after it, and after reopening. No page is
// written twice.
TEST_CASE("a value that comes in pieces is the one that was put whole") {
  for (std::uint64_t seed = 0; seed < scaled(6); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Watch watch{.page_size = seed % 2 == 0 ? 4096U : 65536U, .written = {}};
    MemoryFileSystem memory;
    WatchedFiles files(memory, watch);
    const Options options{.page_size = watch.page_size, .file_system = &files};
    Content model;
    NamedTable table;
    {
      const Database database = Database::open("file", options).value();
      table = add_table(database);
      watch.clear();
      WriteTransaction txn = database.begin_write().value();
      std::uint64_t number = 0;
      for (const std::size_t size : edge_sizes(watch.page_size)) {
        CAPTURE(size);
        const std::string key = key_of(number++);
        const std::string value = dice.bytes(size);
        if (dice.one_in(2)) put(txn, table, key, model[key] = dice.bytes(dice.below(10'000)));
        ValueWriter writer = begin_value(txn, table, key, size);
        const auto old = model.find(key);
        write_all(writer, value, dice, dice.any_of(std::array{size, 1000UZ + size / 100}));
        REQUIRE((get(txn, table, key) ==
                 (old == model.end() ? std::nullopt : std::optional(old->second))));
        writer.finish().value();
        model[key] = value;
        REQUIRE((get(txn, table, key) == value));
      }
      commit(txn);
      CHECK_FALSE(watch.is_any_written_twice);
      CHECK((content(database.snapshot().value(), table) == model));
      require_sound(database);
    }
    const Database database = Database::open("file", options).value();
    CHECK((content(database.snapshot().value(), table) == model));
    require_sound(database);
  }
}

TEST_CASE("pieces that are too many or too few are refused, and nothing happens") {
  Store store;
  const NamedTable table = store.table("t");
  for (const std::uint64_t size : {10U, 100'000U}) {
    WriteTransaction txn = store.begin();
    const std::string key = key_of(size);
    const std::string value(size, 'v');
    ValueWriter writer = begin_value(txn, table, key, size);
    writer.write(as_bytes(value).first(6)).value();
    const Status too_few = writer.finish();
    CHECK(code_of(too_few) == ErrorCode::invalid_argument);
    CHECK(too_few.error().message().contains("of the value's " + std::to_string(size)));
    CHECK(code_of(writer.write(as_bytes(value).subspan(5))) == ErrorCode::invalid_argument);
    CHECK(writer.missing() == size - 6);
    CHECK_FALSE(get(txn, table, key).has_value());
    writer.write(as_bytes(value).subspan(6)).value();
    writer.finish().value();
    CHECK(writer.missing() == 0);
    CHECK(code_of(writer.write({})) == ErrorCode::closed);
    CHECK(code_of(writer.finish()) == ErrorCode::closed);
    commit(txn);
    CHECK(get(store.snapshot(), table, key) == value);
  }
  WriteTransaction txn = store.begin();
  const auto begin = [&](const NamedTable& into, std::size_t key_size, std::uint64_t size) {
    const std::string key(key_size, 'k');
    return code_of(txn.put_in_pieces(into.id, into.name, as_bytes(key), size));
  };
  CHECK(begin(table, 5000, 1) == ErrorCode::key_too_long);
  CHECK(begin(table, 1, layout::max_value_size + 1) == ErrorCode::value_too_large);
  CHECK(begin({{77}, "missing"}, 1, 1) == ErrorCode::table_missing);
  put(txn, table, "after", "all");
  commit(txn);
}

// Law: what is not finished was never there: the transaction is sound, each page has one owner, and
// whoever still has the writer is told.
TEST_CASE("a value that is given up leaves its transaction sound") {
  constexpr std::uint64_t size = 2 << 20;
  const std::string half(size / 2, 'h');
  for (const bool commits : {false, true}) {
    for (const bool edits : {false, true}) {
      for (const bool is_kept : {false, true}) {
        CAPTURE(commits);
        CAPTURE(edits);
        CAPTURE(is_kept);
        Store store;
        const NamedTable table = store.table("t");
        WriteTransaction txn = store.begin();
        std::optional<ValueWriter> writer = begin_value(txn, table, "given up", size);
        writer->write(as_bytes(half)).value();
        if (!is_kept) writer.reset();
        if (edits) put(txn, table, "key", std::string(100'000, 'v'));
        if (commits)
          commit(txn);
        else
          std::move(txn).abandon();
        if (writer) {
          CHECK(code_of(writer->write(as_bytes(half))) == ErrorCode::closed);
          CHECK(code_of(writer->finish()) == ErrorCode::closed);
        }
        CHECK(content(store.snapshot(), table).size() == (commits && edits ? 1 : 0));
        require_sound(store.database());
        store.reopen();
        require_sound(store.database());
        quire::test::store(store.database(), table, "next", std::string(size, 'n'));
        CHECK(page_total(store.statistics()) < 3 * size / layout::default_page_size / 2);
      }
    }
  }
}

TEST_CASE("other edits come between pieces, and a table may go") {
  Store store({.memory_budget = 16 * layout::default_page_size});
  const NamedTable table = store.table("t");
  const NamedTable gone = store.table("gone");
  const std::string value(3 << 20, 'v');
  WriteTransaction txn = store.begin();
  ValueWriter one = begin_value(txn, table, key_of(500), value.size());
  ValueWriter two = begin_value(txn, table, key_of(500), value.size() / 2);
  ValueWriter lost = begin_value(txn, gone, "key", value.size());
  BulkLoad load = txn.bulk_load(table.id, table.name).value();
  Content model;
  for (std::uint64_t number = 0; number < 3000; ++number) {
    const std::string key = "a" + key_of(number);
    load.append(as_bytes(key), as_bytes(model[key] = std::string(300, 'l'))).value();
    if (one.missing() > 0) one.write(as_bytes(value).first(1 << 10)).value();
    if (two.missing() > 0) two.write(as_bytes(value).first(1 << 10)).value();
    if (number % 3 == 0) put(txn, table, key_of(number), model[key_of(number)] = "edit");
  }
  Dice dice(1);
  write_all(one, value.substr(0, one.missing()), dice, 300'000);
  one.finish().value();
  CHECK((get(txn, table, key_of(500)) == value));
  write_all(two, value.substr(0, two.missing()), dice, 300'000);
  two.finish().value();
  model[key_of(500)] = value.substr(0, value.size() / 2);
  load.finish().value();
  txn.drop_table(gone.name).value();
  lost.write(as_bytes(value)).value();
  CHECK(code_of(lost.finish()) == ErrorCode::table_missing);
  CHECK(code_of(lost.finish()) == ErrorCode::closed);
  commit(txn, Durability::resident);
  CHECK((content(store.snapshot(), table) == model));
  require_sound(store.database());
}

// Law: after a write that failed nothing of the value is there, and the next one can write.
TEST_CASE("a piece that cannot be written breaks the transaction") {
  Watch watch{.page_size = layout::default_page_size, .written = {}};
  MemoryFileSystem memory;
  WatchedFiles files(memory, watch);
  const Database database = Database::open("file", {.file_system = &files}).value();
  const NamedTable table = add_table(database);
  for (const std::size_t size : {100'000UZ, 1UZ << 20}) {  // written by finish(), and by write()
    WriteTransaction txn = database.begin_write().value();
    put(txn, table, "key", "value");
    const Savepoint savepoint = txn.savepoint().value();
    const std::string value(size, 'v');
    ValueWriter writer = begin_value(txn, table, "large", size);
    watch.fails_to_write = true;
    Status done = writer.write(as_bytes(value));
    CHECK(done.has_value() == (size == 100'000));
    if (done) done = writer.finish();
    watch.fails_to_write = false;
    CHECK(code_of(done) == ErrorCode::io_failed);
    CHECK(code_of(writer.finish()) == ErrorCode::closed);
    CHECK(code_of(txn.put(table.id, table.name, {}, {})) == ErrorCode::transaction_broken);
    txn.rollback_to(savepoint).value();
    commit(txn);
    CHECK(content(database.snapshot().value(), table) == Content{{"key", "value"}});
    require_sound(database);
  }
}

}  // namespace
}  // namespace quire
