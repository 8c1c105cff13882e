// No memory: std::bad_alloc passes through, and what it interrupts is whole or not at all.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>

#include "unit/engine/txn/store.hpp"

namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

/// How many allocations of this thread succeed before one fails.
thread_local std::uint64_t allocations_left = no_limit;

void* allocate(std::size_t size, std::size_t alignment) {
  if (allocations_left-- == 0) throw std::bad_alloc();
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
                     const std::string& small_value, const std::string& large_value) {
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
    return std::move(txn).commit().has_value();
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
    Store store({.checkpoint_after = 2});
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

}  // namespace
}  // namespace quire
