// Commits that are recorded in the redo log: what they cost, and what ends the log. That nothing is
// lost whatever fails is the crash suite's.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "unit/engine/txn/recording_store.hpp"

namespace quire::test {
namespace {

// ---- What it costs

TEST_CASE("a recorded commit writes a record, waits for that, and is seen and durable") {
  RecordingStore store;
  store.record(0);
  for (std::uint64_t number = 1; number < 20; ++number) {
    const Traffic before = store.disk().traffic();
    const TxnId written = store.statistics().written;
    const CommitReceipt receipt = store.record(number);
    const Traffic after = store.disk().traffic();
    CHECK(after.writes - before.writes == 1);
    CHECK(after.syncs - before.syncs == 1);
    CHECK(after.bytes_written - before.bytes_written < 100);
    CHECK(receipt.pages_written == 0);
    CHECK(receipt.is_durable);
    CHECK(receipt.ticket.is_durable().value());
    CHECK(receipt.ticket.wait().has_value());
    CHECK(store.disk().traffic().syncs == after.syncs);
    const Statistics statistics = store.statistics();
    CHECK(statistics.published == receipt.txn);
    CHECK(statistics.durable == receipt.txn);
    CHECK(statistics.written == written);
    CHECK(look(store.database(), store.table(), key_of(number)) == "value");
  }
}

TEST_CASE("a commit without changes on recorded ones waits for nothing, and is durable") {
  RecordingStore store;
  store.record(0, 3);
  const Traffic before = store.disk().traffic();
  const CommitReceipt receipt = std::move(store.begin()).commit().value();
  CHECK(receipt.is_durable);
  CHECK(receipt.ticket.wait().has_value());
  CHECK(store.disk().traffic().writes == before.writes);
  CHECK(store.disk().traffic().syncs == before.syncs);
}

TEST_CASE("edits that change nothing are not recorded") {
  RecordingStore store;
  store.record(1, "first");
  const std::size_t writes = store.disk().traffic().writes;
  WriteTransaction txn = store.begin();
  CHECK_FALSE(put(txn, store.table(), key_of(1), "second", PutMode::insert_only));
  CHECK_FALSE(put(txn, store.table(), key_of(2), "second", PutMode::replace_only));
  CHECK_FALSE(erase(txn, store.table(), key_of(3)));
  commit(txn);
  CHECK(store.disk().traffic().writes == writes);
  store.record(4, "last");
  store.cut_power();
  CHECK(store.content() == Content{{key_of(1), "first"}, {key_of(4), "last"}});
}

// ---- What an opening makes of it

TEST_CASE("what was recorded is there after a power cut, as often as that comes") {
  RecordingStore store;
  Content model;
  for (std::uint64_t round = 0; round < 6; ++round) {
    for (std::uint64_t number = 0; number < 5; ++number) {
      WriteTransaction txn = store.begin();
      const std::string key = key_of((round * 7 + number * 3) % 11);
      const std::string value = "round " + std::to_string(round);
      put(txn, store.table(), key, value);
      model[key] = value;
      if (number == 3 && erase(txn, store.table(), key_of(round))) model.erase(key_of(round));
      commit(txn);
    }
    store.cut_power();
    CHECK(store.content() == model);
    if (round % 2 == 0) store.cut_power();
    CHECK(store.content() == model);
    if (round == 3) require_sound(store.database());
  }
}

TEST_CASE("a close leaves nothing to do again") {
  RecordingStore store;
  store.record(0, 10);
  store.database().close().value();
  const std::vector<std::byte> content = store.file();
  store.destroy();
  store.open();
  CHECK(store.content().size() == 10);
  CHECK(store.statistics().written == store.statistics().published);
  CHECK(store.file() == content);
}

TEST_CASE("a full log is written over, and goes on") {
  RecordingStore store;
  Content model;
  std::uint64_t recorded = 0;
  for (std::uint64_t number = 0; number < 400; ++number) {
    const std::string value(300, static_cast<char>('a' + number % 26));
    if (store.record(number % 50, value).pages_written == 0) ++recorded;
    model[key_of(number % 50)] = value;
    if (number % 90 == 0) store.cut_power();
    REQUIRE(store.content() == model);
  }
  CHECK(recorded > 380);
  CHECK(recorded < 400);
  require_sound(store.database());
}

struct Way {
  std::string name;
  std::function<void(WriteTransaction&, const NamedTable&)> edit;
  Durability durability = Durability::full;
};

const std::vector<Way>& other_ways() {
  static const std::vector<Way> ways = {
      {"two_phase", [](auto&, auto&) {}, Durability::two_phase},
      {"a large value",
       [](auto& txn, auto& table) {
         put(txn, table, "large", std::string(std::size_t{3} * page_size, 'x'));
       }},
      {"more than the log",
       [](auto& txn, auto& table) {
         for (std::uint64_t number = 0; number < 100; ++number)
           put(txn, table, key_of(number), std::string(900, 'y'));
       }},
      {"a table made", [](auto& txn, auto&) { make_table(txn, "another"); }},
      {"a table dropped", [](auto& txn, auto& table) { txn.drop_table(table.name).value(); }},
      {"a table renamed",
       [](auto& txn, auto& table) { txn.rename_table(table.name, "new").value(); }},
      {"a part erased",
       [](auto& txn, auto& table) { txn.erase_range(table.id, table.name, {}).value(); }},
      {"a savepoint",
       [](auto& txn, auto& table) {
         const Savepoint savepoint = txn.savepoint().value();
         put(txn, table, "undone", "value");
         txn.rollback_to(savepoint).value();
       }},
      {"room reserved",
       [](auto& txn, auto& table) {
         const auto room = txn.reserve(table.id, table.name, as_bytes("reserved"), 5).value();
         copy_bytes(room.data(), as_bytes("value"));
       }},
      {"in pieces",
       [](auto& txn, auto& table) {
         auto writer = txn.put_in_pieces(table.id, table.name, as_bytes("pieces"), 5).value();
         writer.write(as_bytes("value")).value();
         writer.finish().value();
       }},
      {"a load",
       [](auto& txn, auto& table) {
         BulkLoad load = txn.bulk_load(table.id, table.name, {}).value();
         load.append(as_bytes("zzz"), as_bytes("loaded")).value();
         load.finish().value();
       }},
      {"a load before all others", [](auto& txn, auto& table) {
         BulkLoad load = txn.bulk_load(table.id, table.name, {}).value();
         load.append(as_bytes(""), as_bytes("loaded")).value();
         load.finish().value();
       }}};
  return ways;
}

// Law: what a record cannot tell of is committed as ever, all of it, and the log goes on after it.
TEST_CASE("other transactions are committed as ever") {
  for (const Way& way : other_ways()) {
    CAPTURE(way.name);
    RecordingStore store;
    store.record(0, 3);
    WriteTransaction txn = store.begin();
    put(txn, store.table(), "first", "value");
    way.edit(txn, store.table());
    const TxnId committed = commit(txn, way.durability).txn;
    CHECK(store.statistics().written == committed);
    const auto content_of_all = [&] {
      std::vector<Content> all;
      const Snapshot snapshot = store.snapshot();
      for (const TableInfo& table : snapshot.tables().value()) {
        const auto found = entries(snapshot.cursor(table.root));
        all.emplace_back(found.begin(), found.end());
      }
      return all;
    };
    const std::vector<Content> expected = content_of_all();
    store.kill();
    CHECK(content_of_all() == expected);
    require_sound(store.database());
    const NamedTable more = add_table(store.database(), "more");
    CHECK(quire::test::store(store.database(), more, "key").pages_written == 0);
  }
}

TEST_CASE("a large value that goes is recorded, and its pages are free again") {
  RecordingStore store;
  store.commit(1, std::string(std::size_t{5} * page_size, 'x'), Durability::full);
  CHECK(store.record(1, "small").pages_written == 0);
  store.cut_power();
  CHECK(store.content() == Content{{key_of(1), "small"}});
  require_sound(store.database());
  CHECK(store.database().check().value().overflow_pages == 0);
}

TEST_CASE("what is resident below a full commit is not left out of what is durable") {
  RecordingStore store;
  store.record(0, 2);
  store.stay(2, 4);
  CHECK(store.record(4).pages_written > 0);
  store.stay(5, 6);
  CHECK(std::move(store.begin()).commit(Durability::full).value().is_durable);
  store.cut_power();
  CHECK(store.content().size() == 6);
}

}  // namespace
}  // namespace quire::test
