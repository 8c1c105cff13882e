#include "quire/engine/txn/write_transaction.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "support/crash_disk.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

/// Of keys that are there and of others, and of more than it takes.
void look_ahead(WriteTransaction& txn, const NamedTable& table, std::mt19937& random) {
  std::vector<std::string> keys(random() % (lookup_group_size + 4));
  for (std::string& key : keys) key = key_of(random() % 200);
  std::vector<Bytes> ahead;
  for (const std::string& key : keys) ahead.push_back(as_bytes(key));
  txn.look_ahead(table.id, table.name, ahead);
}

// Law: a transaction sees its own edits like a sorted map, and nobody else sees any of them;
// looking ahead changes nothing.
TEST_CASE("a transaction reads what it has written, and only it does") {
  for (std::uint32_t seed = 0; seed < scaled(20); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Store store;
    const NamedTable table = store.table("t");
    WriteTransaction txn = store.begin();
    Content model;
    for (int step = 0; step < 400; ++step) {
      const std::string key = key_of(random() % 150);
      if (random() % 5 == 0) look_ahead(txn, table, random);
      if (random() % 3 == 0) {
        REQUIRE(erase(txn, table, key) == (model.erase(key) == 1));
      } else {
        const std::string value(random() % 900, static_cast<char>('a' + random() % 26));
        REQUIRE(put(txn, table, key, value) == model.insert_or_assign(key, value).second);
      }
      const auto expected = model.find(key);
      const auto found = get(txn, table, key);
      REQUIRE(found.has_value() == (expected != model.end()));
      if (found) REQUIRE(*found == expected->second);
    }
    const TreeRoot root = txn.root(table.id, table.name).value();
    REQUIRE(root.entries == model.size());
    REQUIRE(entries(txn.cursor(root)) ==
            std::vector<std::pair<std::string, std::string>>(model.begin(), model.end()));
    REQUIRE(content(store.snapshot(), table).empty());
    commit(txn);
    REQUIRE(content(store.snapshot(), table) == model);
    require_sound(store.database());
  }
}

// Law: a key may be what was read from the leaf that it is put into, as a value may.
TEST_CASE("what was read may be a key, or a value") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  Content model;
  const auto eight_digits = [](std::uint32_t number) {
    return std::to_string(10'000'000 + number);
  };
  for (std::uint32_t number = 0; number < 200; number += 2) {
    const std::string key = eight_digits(number);
    const std::string value = eight_digits(number * 7 % 200 + 1);
    put(txn, table, key, value);
    model[key] = value;
  }
  for (std::uint32_t number = 0; number < 200; number += 2) {
    const std::string key = model.at(eight_digits(number));
    const Bytes read =
        txn.get(table.id, table.name, as_bytes(eight_digits(number))).value().value();
    REQUIRE(txn.put(table.id, table.name, read, read).value() == !model.contains(key));
    model[key] = key;
  }
  commit(txn);
  CHECK(content(store.snapshot(), table) == model);
  require_sound(store.database());
}

// A put that only inserts once read the value that was there to learn whether it was, and called
// the file damaged when that value was a large one of the same transaction, not written yet.
TEST_CASE("the three ways to put do what they say") {
  Store store;
  const NamedTable table = store.table("t");
  // Beside a value in the leaf one that has a run of its own, with each way to change it.
  for (const std::size_t size : {std::size_t{3}, std::size_t{50'000}}) {
    CAPTURE(size);
    const std::string one(size, '1');
    const std::string two(size, '2');
    WriteTransaction txn = store.begin();
    CHECK_FALSE(put(txn, table, "key", one, PutMode::replace_only));
    CHECK_FALSE(get(txn, table, "key").has_value());
    CHECK(put(txn, table, "key", one, PutMode::insert_only));
    CHECK_FALSE(put(txn, table, "key", two, PutMode::insert_only));
    CHECK(get(txn, table, "key") == one);
    CHECK(put(txn, table, "key", two, PutMode::replace_only));
    CHECK(get(txn, table, "key") == two);
    CHECK_FALSE(put(txn, table, "key", one));
    CHECK(get(txn, table, "key") == one);
    CHECK(erase(txn, table, "key"));
    CHECK_FALSE(erase(txn, table, "key"));
    CHECK(put(txn, table, "key", two));
    CHECK(erase(txn, table, "key"));
    commit(txn);
    require_sound(store.database());
  }
}

/// Calls that complain about their arguments, each with the code that it must give.
struct Complaint {
  ErrorCode code;
  Status (*call)(WriteTransaction& txn, const NamedTable& table);
};

template <class T>
Status without_value(const Result<T>& result) {
  return result ? Status() : Status(fail(result));
}

const std::vector<Complaint>& complaints() {
  static const std::byte one_byte{};
  static const std::vector<Complaint> all = {
      {ErrorCode::key_too_long,
       [](auto& txn, auto& table) {
         const std::string key(layout::max_key_size(layout::default_page_size) + 1, 'k');
         return without_value(txn.put(table.id, table.name, as_bytes(key), {}));
       }},
      {ErrorCode::value_too_large,
       [](auto& txn, auto& table) {
         // Refused by its size alone: none of these bytes is looked at.
         const Bytes huge(&one_byte, layout::max_value_size + 1);
         return without_value(txn.put(table.id, table.name, as_bytes("k"), huge));
       }},
      {ErrorCode::table_missing,
       [](auto& txn, auto&) { return without_value(txn.put({77}, "none", {}, {})); }},
      {ErrorCode::table_missing,
       [](auto& txn, auto&) { return without_value(txn.erase({77}, "none", {})); }},
      {ErrorCode::table_missing,
       [](auto& txn, auto&) { return without_value(txn.get({77}, "none", {})); }},
      {ErrorCode::table_missing,
       [](auto& txn, auto&) { return without_value(txn.root({77}, "none")); }},
      {ErrorCode::table_missing,
       [](auto& txn, auto& table) {
         return without_value(txn.put({table.id.value + 1}, "other", {}, {}));
       }},
      {ErrorCode::table_missing, [](auto& txn, auto&) { return txn.drop_table("none"); }},
      {ErrorCode::table_exists,
       [](auto& txn, auto& table) { return without_value(txn.create_table(table.name, {})); }},
      {ErrorCode::invalid_argument,
       [](auto& txn, auto&) { return without_value(txn.create_table("", {})); }},
      {ErrorCode::invalid_argument,
       [](auto& txn, auto&) {
         const std::string name(layout::max_table_name_size + 1, 'n');
         return without_value(txn.create_table(name, {}));
       }},
      {ErrorCode::invalid_argument,
       [](auto& txn, auto&) { return without_value(txn.create_table("x", aligned_to(0))); }},
      {ErrorCode::invalid_argument,
       [](auto& txn, auto&) { return without_value(txn.create_table("x", aligned_to(3))); }},
      {ErrorCode::invalid_argument,
       [](auto& txn, auto&) { return without_value(txn.create_table("x", aligned_to(128))); }},
      {ErrorCode::invalid_argument,
       [](auto& txn, auto&) {
         const std::string half(layout::max_descriptor_size / 2, 'd');
         return without_value(txn.create_table("x", described_by(half, half + "d")));
       }},
  };
  return all;
}

TEST_CASE("a complaint about its arguments leaves a transaction as it was") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  put(txn, table, "before", "1");
  for (std::size_t index = 0; index < complaints().size(); ++index) {
    CAPTURE(index);
    CHECK(code_of(complaints()[index].call(txn, table)) == complaints()[index].code);
    CHECK(get(txn, table, "before") == "1");
  }
  put(txn, table, "after", "2");
  CHECK(txn.tables().value().size() == 1);
  commit(txn);
  CHECK(content(store.snapshot(), table) == Content{{"before", "1"}, {"after", "2"}});
  require_sound(store.database());
}

TEST_CASE("the longest key and name are accepted") {
  Store store;
  const std::string name(layout::max_table_name_size, 'n');
  const std::string key(layout::max_key_size(layout::default_page_size), 'k');
  WriteTransaction txn = store.begin();
  const NamedTable table = make_table(txn, name);
  put(txn, table, key, "long");
  put(txn, table, "", "short");
  commit(txn);
  store.reopen();
  CHECK(content(store.snapshot(), table) == Content{{"", "short"}, {key, "long"}});
  require_sound(store.database());
}

/// Every call of a transaction, as statuses; none of them needs a table that is there.
std::vector<Status> every_call(WriteTransaction& txn, const NamedTable& table) {
  return {without_value(txn.table(table.name)),
          without_value(txn.tables()),
          without_value(txn.create_table("new", {})),
          txn.drop_table(table.name),
          without_value(txn.put(table.id, table.name, as_bytes("k"), as_bytes("v"))),
          without_value(txn.erase(table.id, table.name, as_bytes("k"))),
          without_value(txn.get(table.id, table.name, as_bytes("k"))),
          without_value(txn.root(table.id, table.name))};
}

TEST_CASE("after a call that failed half-way only abandoning is left") {
  CrashDisk disk;
  const Database database = Database::open("store", {.file_system = &disk}).value();
  WriteTransaction first = database.begin_write().value();
  const NamedTable table = make_table(first, "t");
  put(first, table, "kept", "1");
  commit(first);

  WriteTransaction txn = database.begin_write().value();
  put(txn, table, "lost", "2");
  // A value as large as this is written at once.
  const std::string large(1 << 20, 'x');
  disk.fail({.number = disk.call_count(Call::write), .call = Call::write, .bytes_first = 5000});
  CHECK(code_of(txn.put(table.id, table.name, as_bytes("large"), as_bytes(large))) ==
        ErrorCode::io_failed);
  for (const Status& status : every_call(txn, table))
    CHECK(code_of(status) == ErrorCode::transaction_broken);
  CHECK(code_of(std::move(txn).commit()) == ErrorCode::transaction_broken);

  disk.heal();
  CHECK(content(database.snapshot().value(), table) == Content{{"kept", "1"}});
  WriteTransaction next = database.begin_write().value();
  put(next, table, "large", large);
  commit(next);
  CHECK(get(database.snapshot().value(), table, "large") == large);
  require_sound(database);
}

TEST_CASE("a transaction that has ended gives closed") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction ended = store.begin();
  std::move(ended).abandon();
  WriteTransaction moved_from = store.begin();
  const WriteTransaction moved_to = std::move(moved_from);
  WriteTransaction* const gone[] = {&ended, &moved_from};
  for (WriteTransaction* txn : gone) {
    CHECK(txn->txn() == no_txn);
    txn->look_ahead(table.id, table.name, {});
    for (const Status& status : every_call(*txn, table))
      CHECK(code_of(status) == ErrorCode::closed);
    CHECK(code_of(std::move(*txn).commit()) == ErrorCode::closed);
  }
  CHECK(moved_to.txn() != no_txn);
}

TEST_CASE("an abandoned transaction was never there") {
  Store store({.memory_budget = 1 << 16});
  const NamedTable table = store.table("t");
  WriteTransaction first = store.begin();
  for (std::uint64_t number = 0; number < 500; ++number)
    put(first, table, key_of(number), std::string(100, 'a'));
  commit(first);
  const Content before = content(store.snapshot(), table);
  // Without any page on disk, with pages written early, with a large value.
  for (const std::size_t size : {std::size_t{10}, std::size_t{800}, std::size_t{300'000}}) {
    CAPTURE(size);
    const Statistics old = store.statistics();
    WriteTransaction txn = store.begin();
    make_table(txn, "new");
    for (std::uint64_t number = 0; number < 20; ++number) {
      put(txn, table, key_of(number * 30), std::string(size, 'b'));
      erase(txn, table, key_of(number * 30 + 1));
    }
    std::move(txn).abandon();
    CHECK(content(store.snapshot(), table) == before);
    CHECK(store.snapshot().tables().value().size() == 1);
    CHECK(store.statistics().page_count == old.page_count);
    CHECK(store.statistics().commits == old.commits);
    require_sound(store.database());
  }
}

}  // namespace
}  // namespace quire
