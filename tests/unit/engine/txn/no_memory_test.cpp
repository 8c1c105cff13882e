// No memory: std::bad_alloc passes through, and what it interrupts is whole or not at all.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "quire/engine/space/pending.hpp"
#include "unit/engine/txn/store.hpp"

namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

/// How many allocations of this thread succeed before one fails.
thread_local std::uint64_t allocations_left = no_limit;

/// The largest piece that this thread asked for.
thread_local std::size_t most_allocated = 0;

/// While this is set, threads that did not say otherwise have no memory at all.
std::atomic<bool> others_have_none = false;
std::atomic<std::uint64_t> refused_to_others = 0;
thread_local bool is_other = true;

void* allocate(std::size_t size, std::size_t alignment) {
  if (allocations_left-- == 0) throw std::bad_alloc();
  most_allocated = std::max(most_allocated, size);
  if (others_have_none && is_other) {
    ++refused_to_others;
    throw std::bad_alloc();
  }
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

/// Within its life the allocation of that number fails, and no other.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::uint64_t number) { allocations_left = number; }
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  ~FailingAllocation() { allocations_left = no_limit; }
  static bool has_failed() { return allocations_left > no_limit / 2; }
};

constexpr std::uint64_t entry_count = 200;

/// Puts and erases, goes on after every failure, and commits; whether it says that it did.
bool edit_and_commit(const Database& database, const NamedTable& table,
                     const std::string& small_value, const std::string& large_value,
                     Durability durability = Durability::full) {
  try {
    WriteTransaction txn = database.begin_write().value();
    for (std::uint64_t number = 0; number < entry_count; ++number) {
      try {
        const std::string key = std::to_string(number * 37 % entry_count);
        const std::string& value = number % 25 == 0 ? large_value : small_value;
        static_cast<void>(txn.put(table.id, table.name, as_bytes(key), as_bytes(value)));
        if (number % 3 == 0)
          static_cast<void>(txn.erase(table.id, table.name, as_bytes(std::to_string(number))));
      } catch (const std::bad_alloc&) {
        continue;
      }
    }
    return std::move(txn).commit(durability).has_value();
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// Law: whichever allocation fails, the transaction is there whole or not at all, every page has one
// owner, and the next writer is let in, or told why not.
TEST_CASE("a transaction that runs out of memory is whole or nothing") {
  const std::string small_value(300, 'v');
  const std::string large_value(20'000, 'w');
  Content whole;
  bool has_failed = true;
  for (std::uint64_t number = 0; has_failed; ++number) {
    CAPTURE(number);
    Store store({.checkpoint_after = 2, .log_in_slots = false});
    const NamedTable table = store.table("t");
    bool is_committed = false;
    {
      const FailingAllocation failing(number);
      is_committed = edit_and_commit(store.database(), table, small_value, large_value);
      has_failed = FailingAllocation::has_failed();
    }
    require_sound(store.database());
    const Content found = content(store.snapshot(), table);
    if (!has_failed) whole = found;
    REQUIRE(is_committed != has_failed);
    REQUIRE(found.empty() == has_failed);
    auto next = store.database().try_begin_write();
    if (!next) {
      REQUIRE(next.error().code() == ErrorCode::poisoned);
      continue;
    }
    REQUIRE(next->txn() > store.statistics().written);
    put(*next, table, "next", "value");
    commit(*next);
    require_sound(store.database());
  }
  CHECK_FALSE(whole.empty());
}

/// What a savepoint comes before.
void edit_much(WriteTransaction& txn, const NamedTable& table, const std::string& large_value) {
  const NamedTable other = make_table(txn, "other");
  for (std::uint64_t number = 0; number < entry_count; ++number)
    put(txn, table, key_of(number * 37 % entry_count), number % 40 == 0 ? large_value : "new");
  BulkLoad load = txn.bulk_load(other.id, other.name).value();
  for (std::uint64_t number = 0; number < 2 * entry_count; ++number)
    load.append(as_bytes(key_of(number)), as_bytes(large_value).first(100)).value();
  load.finish().value();
  ValueWriter writer = txn.put_in_pieces(table.id, table.name, {}, 500'000).value();
  for (int piece = 0; piece < 25; ++piece) writer.write(as_bytes(large_value)).value();
  for (const std::size_t size : {100UZ, large_value.size()}) {
    const MutableBytes room = txn.reserve(table.id, table.name, as_bytes("r"), size).value();
    if (get(txn, table, "r")) std::ranges::fill(room, std::byte{'r'});
  }
  writer.finish().value();
  const Savepoint inner = txn.savepoint().value();
  for (std::uint64_t number = 0; number < entry_count; ++number)
    erase(txn, table, key_of(number * 37 % entry_count));
  txn.drop_table(other.name).value();
  txn.release(inner).value();
}

// Law: whichever allocation fails after a savepoint, everything is as it was there, once the
// transaction was rolled back to it, and may be committed.
TEST_CASE("a transaction that runs out of memory is sound again at its savepoint") {
  const std::string large_value(20'000, 'w');
  bool has_failed = true;
  for (std::uint64_t number = 0; has_failed; ++number) {
    CAPTURE(number);
    Store store;
    const NamedTable table = store.table("t");
    WriteTransaction txn = store.begin();
    for (std::uint64_t key = 0; key < entry_count; ++key)
      put(txn, table, key_of(key), std::string(100, 'o'));
    std::optional<Savepoint> savepoint;
    {
      const FailingAllocation failing(number);
      try {
        savepoint = txn.savepoint().value();
        edit_much(txn, table, large_value);
        txn.rollback_to(*savepoint).value();
      } catch (const std::bad_alloc&) {
      }
      has_failed = FailingAllocation::has_failed();
    }
    if (savepoint) txn.rollback_to(*savepoint).value();
    REQUIRE(txn.tables().value().size() == 1);
    put(txn, table, "next", "value");
    commit(txn);
    const Content found = content(store.snapshot(), table);
    REQUIRE(found.size() == entry_count + 1);
    REQUIRE(found.at(key_of(7)) == std::string(100, 'o'));
    require_sound(store.database());
  }
}

// Law: a value that comes in pieces never is in memory as a whole.
TEST_CASE("a value in pieces takes no memory of its size") {
  Store store;
  const NamedTable table = store.table("t");
  const std::string piece(100'000, 'p');
  for (const std::uint64_t count : {10U, 200U}) {
    WriteTransaction txn = store.begin();
    most_allocated = 0;
    ValueWriter writer = txn.put_in_pieces(table.id, table.name, {}, count * piece.size()).value();
    for (std::uint64_t number = 0; number < count; ++number) writer.write(as_bytes(piece)).value();
    writer.finish().value();
    CHECK(most_allocated <= (256 << 10));
    commit(txn);
    CHECK(get(store.snapshot(), table, "")->size() == count * piece.size());
  }
}

// Law: whichever allocation fails, each dead page becomes free, and once.
TEST_CASE("pending pages outlast a lack of memory") {
  constexpr std::uint32_t count = 60;
  bool has_failed = true;
  for (std::uint64_t number = 0; has_failed; ++number) {
    CAPTURE(number);
    Pending pending;
    std::vector<std::uint32_t> times_freed(count);
    std::vector<Extent> free;
    const auto reclaim = [&](const std::vector<TxnId>& pins) {
      pending.reclaim(pins, free);
      for (const Extent& extent : free)
        for (std::uint32_t page = extent.first.value; page < extent.end().value; ++page)
          ++times_freed.at(page);
    };
    for (std::uint32_t page = 0; page < count; ++page)
      pending.add({{{page}, 1}, {page % 7}, {page % 7 + 1 + page % 3}});
    reclaim({{2}, {4}, {6}});
    for (std::uint32_t page = 0; page < count; ++page)
      if (times_freed[page] != 0) pending.add({{{page}, 1}, {page % 5}, {page % 5 + 2}});
    const std::vector<std::uint32_t> before = times_freed;
    const std::vector<TxnId> pins{{1}, {3}, {6}};
    try {
      const FailingAllocation failing(number);
      reclaim(pins);
      has_failed = FailingAllocation::has_failed();
    } catch (const std::bad_alloc&) {
    }
    reclaim(pins);
    reclaim({});
    CHECK(pending.page_count() == 0);
    for (std::uint32_t page = 0; page < count; ++page)
      REQUIRE(times_freed[page] == (before[page] == 0 ? 1 : 2));
  }
}

// Law: whichever allocation fails, what was committed before is there, in memory and in the file.
TEST_CASE("resident commits outlast one that runs out of memory") {
  const std::string value(300, 'v');
  bool has_failed = true;
  for (std::uint64_t number = 0; has_failed; ++number) {
    CAPTURE(number);
    Store store({.durability = Durability::resident, .checkpoint_after = 2, .log_in_slots = false});
    const NamedTable before = store.table("before");
    const NamedTable table = store.table("t");
    std::optional<Snapshot> old = store.snapshot();
    for (std::uint64_t key = 0; key < 40; ++key)
      quire::test::store(store.database(), before, key_of(key % 30), value);
    const Content kept = content(store.snapshot(), before);
    bool is_committed = false;
    {
      const FailingAllocation failing(number);
      is_committed = edit_and_commit(store.database(), table, value, value, Durability::resident);
      try {
        if (is_committed) static_cast<void>(store.database().sync());
      } catch (const std::bad_alloc&) {
      }
      has_failed = FailingAllocation::has_failed();
    }
    old.reset();
    REQUIRE(content(store.snapshot(), before) == kept);
    REQUIRE(content(store.snapshot(), table).empty() != is_committed);
    if (auto next = store.database().try_begin_write(); !next) {
      REQUIRE(next.error().code() == ErrorCode::poisoned);
      REQUIRE(is_committed);  // it was the sync: a commit to memory stops nobody
      continue;
    } else {
      put(*next, before, "next", "value");
      commit(*next, Durability::resident);
    }
    require_sound(store.database());
    store.reopen();
    REQUIRE(content(store.snapshot(), before).size() == kept.size() + 1);
    REQUIRE(content(store.snapshot(), table).empty() != is_committed);
    require_sound(store.database());
  }
}

// Law: whichever allocation of the one who leads fails, those who joined it are done, and it is
// done or throws.
TEST_CASE("edits outlast the lack of memory of the one that they joined") {
  bool has_failed = true;
  for (std::uint64_t number = 0; has_failed; ++number) {
    CAPTURE(number);
    Store store;
    const NamedTable table = store.table("t");
    const auto put_alone = [&](const std::string& key) {
      return store.database().put(table.id, table.name, as_bytes(key), as_bytes("value"));
    };
    Result<bool> others = fail(ErrorCode::closed);
    std::optional<Result<bool>> leads;
    std::atomic<bool> is_over = false;
    std::jthread leader;
    std::jthread joined;
    {
      const WriteTransaction busy = store.begin();
      leader = std::jthread([&] {
        const FailingAllocation failing(number);
        try {
          leads = put_alone("leads");
        } catch (const std::bad_alloc&) {
          leads.reset();
        }
        has_failed = FailingAllocation::has_failed();
        is_over = true;
      });
      while (!is_over && store.statistics().writers < 2) std::this_thread::yield();
      joined = std::jthread([&] { others = put_alone("joined"); });
      while (store.statistics().writers < (is_over ? 2 : 3)) std::this_thread::yield();
    }
    leader.join();
    joined.join();
    const Content found = content(store.snapshot(), table);
    if (others) CHECK(found.contains("joined"));
    const bool is_led = leads && *leads;
    CHECK(found.contains("leads") == is_led);
    // It failed where nobody can tell any more, and says so to all.
    if (!others) CHECK(store.database().begin_write().error().code() == ErrorCode::poisoned);
    require_sound(store.database());
  }
}

TEST_CASE("a database whose end runs out of memory ends all the same") {
  bool has_failed = true;
  for (std::uint64_t number = 0; has_failed; ++number) {
    CAPTURE(number);
    std::optional<Store> store(std::in_place, Options{.durability = Durability::resident});
    const NamedTable table = store->table("t");
    for (std::uint64_t key = 0; key < 40; ++key)
      quire::test::store(store->database(), table, key_of(key));
    if (number == 0) {
      others_have_none = true;
      store.reset();
      others_have_none = false;
    } else {
      const FailingAllocation failing(number - 1);
      store.reset();
      has_failed = FailingAllocation::has_failed();
    }
  }
}

TEST_CASE("a background that runs out of memory tries again") {
  is_other = false;
  Store store({.durability = Durability::resident,
               .background_sync = {.interval = std::chrono::milliseconds(1)}});
  const NamedTable table = store.table("t");
  others_have_none = true;
  const CommitTicket ticket = quire::test::store(store.database(), table, "key").ticket;
  while (refused_to_others < 2) std::this_thread::yield();
  others_have_none = false;
  while (!ticket.is_durable().value()) std::this_thread::yield();
  is_other = true;
}

}  // namespace
}  // namespace quire
