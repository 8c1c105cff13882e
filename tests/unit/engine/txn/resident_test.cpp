// Resident commits: what stays in memory, for how long, and what takes it to the file.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/resident_store.hpp"

namespace quire::test {
namespace {

constexpr std::uint32_t page_size = layout::default_page_size;

// ---- In memory

TEST_CASE("a resident commit asks nothing of the disk and is seen at once") {
  ResidentStore store;
  store.commit(0, "first", Durability::full);
  for (std::uint64_t number = 0; number < 50; ++number) {
    const TxnId written = store.statistics().written;
    const std::size_t calls = store.disk().call_count();
    const CommitReceipt receipt = store.commit(number, "resident");
    CHECK(store.disk().call_count() == calls);
    CHECK(receipt.pages_written == 0);
    CHECK_FALSE(receipt.is_durable);
    CHECK(store.statistics().published == receipt.txn);
    CHECK(store.statistics().written == written);
    CHECK(look(store.database(), store.table(), key_of(number)) == "resident");
  }
  CHECK(store.content().size() == 50);
}

struct Way {
  const char* name;
  std::function<void(ResidentStore&)> go;
};

// Law: the file has all that was resident when any of these has returned.
TEST_CASE("whatever goes to the file takes along what is in memory") {
  const std::vector<Way> ways = {
      {"full", [](auto& store) { store.commit(100, "value", Durability::full); }},
      {"two_phase", [](auto& store) { store.commit(100, "value", Durability::two_phase); }},
      {"buffered", [](auto& store) { store.commit(100, "value", Durability::buffered); }},
      {"full, no changes", [](auto& store) { std::move(store.begin()).commit().value(); }},
      {"sync", [](auto& store) { store.database().sync().value(); }},
      {"wait", [](auto& store) { store.commit(100).ticket.wait().value(); }},
      {"check", [](auto& store) { require_sound(store.database()); }},
      {"close", [](auto& store) { store.database().close().value(); }},
      {"end", [](auto& store) { store.destroy(); }},
      {"a large value",
       [](auto& store) { store.commit(100, std::string(std::size_t{3} * page_size, 'x')); }},
  };
  for (const Way& way : ways) {
    CAPTURE(way.name);
    ResidentStore store;
    store.stay(0, 20);
    way.go(store);
    store.kill();
    for (std::uint64_t number = 0; number < 20; ++number)
      CHECK(look(store.database(), store.table(), key_of(number)) == "value");
    require_sound(store.database());
  }
}

// Law: what many resident commits rewrite costs the disk what one transaction costs it.
TEST_CASE("a page that a hundred resident commits rewrite is written once") {
  constexpr std::uint64_t keys = 400;
  const auto cost = [](std::uint64_t commits) {
    ResidentStore store;
    store.commit(0, "value", Durability::full);
    const Traffic before = store.disk().traffic();
    const std::uint64_t pages = store.statistics().pages_written;
    for (std::uint64_t part = 0; part < commits; ++part) {
      WriteTransaction txn = store.begin();
      for (std::uint64_t round = 0; round < 100 / commits; ++round)
        for (std::uint64_t number = 0; number < keys; ++number)
          put(txn, store.table(), key_of(number), "some value of one and the same length");
      commit(txn, Durability::resident);
    }
    store.database().sync().value();
    const Traffic after = store.disk().traffic();
    return std::vector<std::uint64_t>{store.statistics().pages_written - pages,
                                      after.bytes_written - before.bytes_written,
                                      after.writes - before.writes, after.syncs - before.syncs};
  };
  CHECK(cost(100) == cost(1));
}

// Law: a transaction that is rolled back leaves no trace in memory either, wherever it got to.
TEST_CASE("transactions that are rolled back on resident ones change nothing") {
  for (std::uint32_t seed = 0; seed < scaled(6); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    ResidentStore store({.memory_budget = 40 * page_size, .poison_free_pages = true});
    Content model;
    for (int round = 0; round < 60; ++round) {
      const bool is_kept = random() % 2 == 0;
      // Some pass the budget and are written early, some have a large value.
      const std::size_t steps = random() % 4 == 0 ? 600 : random() % 40;
      Content next = model;
      WriteTransaction txn = store.begin();
      for (std::size_t step = 0; step < steps; ++step) {
        const std::string key = key_of(random() % 300);
        const std::size_t size = random() % 200 == 0 ? 9000 : random() % 600;
        if (random() % 3 == 0) {
          REQUIRE(erase(txn, store.table(), key) == (next.erase(key) == 1));
        } else {
          next[key] = std::string(size, static_cast<char>('a' + step % 26));
          put(txn, store.table(), key, next[key]);
        }
      }
      if (is_kept) {
        commit(txn, random() % 8 == 0 ? Durability::buffered : Durability::resident);
        model = next;
      } else {
        std::move(txn).abandon();
      }
      REQUIRE(store.content() == model);
    }
    require_sound(store.database());
    store.kill();
    CHECK(store.content() == model);
    require_sound(store.database());
  }
}

// Law: a snapshot of a state that only memory has keeps it, and what it keeps comes back with it.
TEST_CASE("snapshots of resident states show them while later ones come and go") {
  constexpr std::uint64_t budget = 100;
  ResidentStore store({.memory_budget = budget * page_size, .poison_free_pages = true});
  std::mt19937 random(1);
  struct Held {
    Snapshot snapshot;
    Content content;
  };
  std::vector<Held> held;
  Content model;
  const auto rewrite = [&](std::uint32_t round) {
    WriteTransaction txn = store.begin();
    for (std::uint64_t number = 0; number < 100; number += 1 + random() % 20) {
      const std::string value(random() % 300, static_cast<char>('a' + round % 26));
      put(txn, store.table(), key_of(number), value);
      model[key_of(number)] = value;
    }
    return commit(txn, Durability::resident).pages_written;
  };
  for (std::uint32_t round = 0; round < 300; ++round) {
    rewrite(round);
    held.push_back({store.snapshot(), model});
    if (random() % 2 == 0) {
      std::swap(held[random() % held.size()], held.back());
      held.pop_back();
    }
    for (const Held& one : held) REQUIRE(content(one.snapshot, store.table()) == one.content);
  }
  REQUIRE(held.size() > budget);  // memory is used up: commits go to the file
  CHECK(rewrite(0) > 0);
  held.clear();
  rewrite(1);  // finds that
  for (std::uint32_t round = 0; round < 300; ++round) CHECK(rewrite(round) == 0);
  require_sound(store.database());
}

// Law: what is in no file fits into the budget, as does what only pins keep.
TEST_CASE("resident commits keep to the memory budget") {
  constexpr std::uint64_t budget = 64;
  ResidentStore store({.memory_budget = budget * page_size});
  std::uint64_t written = store.statistics().pages_written;
  std::uint64_t leaves_then = 0;
  for (std::uint64_t number = 0; number < 3000; ++number) {
    store.commit(number, std::string(500, 'v'));
    const Snapshot now = store.snapshot();
    const std::uint64_t leaves = now.statistics(root_of(now, store.table())).value().leaf_pages;
    if (const std::uint64_t pages = store.statistics().pages_written; pages != written) {
      written = pages;
      leaves_then = leaves;
    }
    REQUIRE(leaves - leaves_then <= budget);
  }
  CHECK(leaves_then > 4 * budget);

  std::vector<Snapshot> held;  // each keeps the leaf, and the branches above it, that it has
  for (std::uint64_t round = 0; round < 2 * budget; ++round) {
    const TxnId txn = store.commit(1, std::to_string(round)).txn;
    held.push_back(store.snapshot());
    if (store.statistics().written == txn) break;
  }
  CHECK(held.size() < budget);
  require_sound(store.database());
}

TEST_CASE("where processes may share the file, a resident commit is a buffered one") {
  const TemporaryDirectory directory;
  const Database database =
      Database::open(directory / "file", {.sharing = Sharing::shared}).value();
  const NamedTable table = add_table(database);
  WriteTransaction txn = database.begin_write().value();
  put(txn, table, "key", "value");
  const CommitReceipt receipt = commit(txn, Durability::resident);
  CHECK(receipt.pages_written > 0);
  CHECK_FALSE(receipt.is_durable);
  CHECK(database.statistics().value().written == receipt.txn);
  REQUIRE(receipt.ticket.wait());
}

// ---- Tables

/// What a database has, by the tables' names.
using World = std::map<std::string, Content>;

World world(const Snapshot& snapshot) {
  World all;
  for (const TableInfo& table : snapshot.tables().value()) {
    all[table.name] = content(snapshot, {table.root.table, table.name});
    REQUIRE(table.root.entries == all[table.name].size());
    const TableInfo alone = snapshot.table(table.name).value().value();
    REQUIRE(alone.root.entries == table.root.entries);
  }
  return all;
}

/// Makes a table, drops it, empties it, gives it a free name or puts something into it.
void change_any_table(WriteTransaction& txn, World& model, std::mt19937& random) {
  const std::string name = "table " + std::to_string(random() % 24);
  const std::optional<TableInfo> found = txn.table(name).value();
  REQUIRE(found.has_value() == model.contains(name));
  if (!found) {
    make_table(txn, name);
    model[name];
    return;
  }
  REQUIRE(found->root.entries == model[name].size());
  const NamedTable table{found->root.table, name};
  switch (random() % 8) {
    case 0:
      txn.drop_table(name).value();
      model.erase(name);
      return;
    case 1:
      for (const auto& [key, value] : std::exchange(model[name], {})) erase(txn, table, key);
      return;
    case 2: {
      const std::string other = "table " + std::to_string(random() % 24);
      if (model.contains(other)) return;
      txn.rename_table(name, other).value();
      put(txn, table, "renamed", other);
      model[other] = std::move(model[name]);
      model[other]["renamed"] = other;
      model.erase(name);
      return;
    }
    default:
      for (int count = 0; count < 5; ++count) {
        const std::string key = key_of(random() % 50);
        model[name][key] = std::string(random() % 300, 'v');
        put(txn, table, key, model[name][key]);
      }
  }
}

// Law: what the catalog says of a table lags behind, or not; nobody notices, and the file tells
// all.
TEST_CASE("tables near and far are made, emptied and dropped in memory as in the file") {
  for (std::uint32_t seed = 0; seed < scaled(20); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    ResidentStore store({.memory_budget = 60 * page_size, .poison_free_pages = true});
    World model{{"t", {}}};
    for (int round = 0; round < 120; ++round) {
      World next = model;
      WriteTransaction txn = store.begin();
      for (std::uint32_t changes = random() % 8; changes > 0; --changes)
        change_any_table(txn, next, random);
      if (random() % 6 != 0) {
        commit(txn, random() % 10 == 0 ? Durability::full : Durability::resident);
        model = next;
      } else {
        std::move(txn).abandon();
      }
      REQUIRE(world(store.snapshot()) == model);
      if (random() % 20 != 0) continue;
      store.database().sync().value();
      store.kill();
      REQUIRE(world(store.snapshot()) == model);
      require_sound(store.database());
    }
    store.database().close().value();
    store.open();
    REQUIRE(world(store.snapshot()) == model);
  }
}

// ---- Deaths

// Law: the death of the process takes what was resident, newest first, each whole.
TEST_CASE("what a killed process leaves is what was written last") {
  for (std::uint32_t seed = 0; seed < scaled(30); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    ResidentStore store(
        {.memory_budget = 30 * page_size, .checkpoint_after = 3, .log_in_slots = false});
    std::map<TxnId, Content> states{{store.statistics().written, {}}};
    Content model;
    for (std::uint64_t steps = random() % 60; steps > 0; --steps) {
      WriteTransaction txn = store.begin();
      for (std::uint64_t edits = 1 + random() % 30; edits > 0; --edits) {
        const std::string key = key_of(random() % 100);
        model[key] = std::string(random() % 500, 'v');
        put(txn, store.table(), key, model[key]);
      }
      const auto durability = random() % 8 == 0 ? Durability::buffered : Durability::resident;
      states[commit(txn, durability).txn] = model;
    }
    const TxnId written = store.statistics().written;
    store.kill();
    CHECK(store.content() == states.at(written));
    require_sound(store.database());
  }
}

TEST_CASE("a failing write of what is in memory leaves it there, a failing sync makes it unknown") {
  for (const Call call : {Call::grow, Call::write, Call::sync}) {
    CAPTURE(static_cast<int>(call));
    ResidentStore store;
    store.commit(0, "value", Durability::full);
    const CommitTicket ticket = store.stay(1, 3000);  // more than the file has room for
    const Content before = store.content();
    store.fail_next(call);
    const Status synced = store.database().sync();
    CHECK(code_of(synced) ==
          (call == Call::sync ? ErrorCode::outcome_unknown : ErrorCode::io_failed));
    CHECK(store.content() == before);
    if (call == Call::sync) {
      CHECK(code_of(ticket.is_durable()) == ErrorCode::outcome_unknown);
      CHECK(code_of(ticket.wait()) == ErrorCode::outcome_unknown);
      CHECK(code_of(store.database().begin_write()) == ErrorCode::poisoned);
    } else {
      CHECK_FALSE(ticket.is_durable().value());
      store.commit(1000);
      REQUIRE(ticket.wait());
      CHECK(ticket.is_durable().value());
      require_sound(store.database());
    }
  }
}

// Law: closing throws nothing away while there is somebody to tell.
TEST_CASE("a database that a full disk cannot take stays open") {
  ResidentStore store;
  store.commit(0, "value", Durability::full);
  const CommitTicket ticket = store.stay(1, 500);
  const Content before = store.content();
  store.fill_disk();
  for (int round = 0; round < 3; ++round) {
    CHECK(code_of(store.database().close()) == ErrorCode::no_space);
    CHECK(code_of(store.database().sync()) == ErrorCode::no_space);
    CHECK(code_of(ticket.wait()) == ErrorCode::no_space);
    CHECK_FALSE(ticket.is_durable().value());
    CHECK(store.content() == before);
    store.commit(1);
  }
  SUBCASE("until there is room") {
    store.disk().heal();
    REQUIRE(store.database().close());
    CHECK(ticket.is_durable().value());
    store.open();
    CHECK(store.content() == before);
  }
  SUBCASE("and loses no more than that in the end") {
    store.destroy();
    CHECK(code_of(ticket.is_durable()) == ErrorCode::outcome_unknown);
    CHECK(code_of(ticket.wait()) == ErrorCode::outcome_unknown);
    store.disk().heal();
    store.open();
    CHECK(store.content().size() == 1);
  }
  require_sound(store.database());
}

}  // namespace
}  // namespace quire::test
