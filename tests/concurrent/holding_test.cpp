// Handles, snapshots, ranges and guards that several threads make from each other, pass around and
// drop in any order, while a writer churns, the file grows and shrinks, and the storage is closed.
//
// Freed pages are poisoned, so that whatever outlives what keeps it is seen to change.
#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using Texts = Table<std::uint32_t, std::string>;
using TextState = TableSnapshot<Texts::SchemaType>;
using Entries = std::vector<std::pair<std::uint32_t, std::string>>;

constexpr std::uint32_t key_count = 60;

/// A text says of which key and round it is, and all of it follows from that.
std::string text_of(std::uint32_t key, std::uint32_t round) {
  const std::size_t size = round % 16 == 0 ? 9000 : 10 + (key * 37 + round * 101) % 900;
  return std::to_string(key) + ':' + std::to_string(round) + ':' +
         std::string(size, static_cast<char>('a' + (key + round) % 26));
}

bool is_whole(const std::string& text, std::uint32_t key) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return false;
  const std::uint64_t round = std::strtoull(text.c_str() + colon + 1, nullptr, 10);
  return text == text_of(key, static_cast<std::uint32_t>(round));
}

std::optional<Entries> entries_of(const TextState& state) {
  Entries entries;
  bool are_whole = true;
  const Status read = state.range().for_each([&](const auto& entry) {
    entries.emplace_back(entry.key, std::string(*entry.value));
    are_whole = are_whole && is_whole(entries.back().second, entry.key);
  });
  if (!read || !are_whole) return std::nullopt;
  return entries;
}

// ---- What a thread may hold; is_right() says whether it is as it was

struct HeldGuard {
  Texts::Guard guard;
  std::string text;
  bool is_right() const { return *guard == text; }
};

struct HeldState {
  TextState state;
  Entries entries;
  bool is_right() const { return entries_of(state) == entries; }
};

/// Reads on by one entry at each look.
struct HeldRange {
  Texts::Range range;
  Entries entries;
  std::size_t at = 0;
  bool is_right() {
    const auto next = range.next();
    if (!next) return false;
    if (at == entries.size()) return *next == nullptr;
    const auto& [key, text] = entries[at++];
    return *next != nullptr && (*next)->key == key && *(*next)->value == text;
  }
};

/// The handles that lead to the newest state, for as long as the storage is open.
struct HeldHandles {
  std::optional<Storage> storage;
  std::optional<Texts> table;
  bool is_right() const {
    if (storage && !storage->statistics() && code_of(storage->statistics()) != ErrorCode::closed)
      return false;
    return !table || table->contains(0) || code_of(table->contains(0)) == ErrorCode::closed;
  }
};

using Held = std::variant<HeldGuard, HeldState, HeldRange, HeldHandles>;

bool is_right(Held& held) {
  return std::visit([](auto& one) { return one.is_right(); }, held);
}

/// What threads put here is taken by others.
class Exchange {
 public:
  void put(Held held) {
    const std::scoped_lock lock(mutex_);
    held_.push_back(std::move(held));
  }
  std::optional<Held> take() {
    const std::scoped_lock lock(mutex_);
    if (held_.empty()) return std::nullopt;
    Held held = std::move(held_.back());
    held_.pop_back();
    return held;
  }

 private:
  std::mutex mutex_;
  std::vector<Held> held_;
};

/// What one thread does: makes, looks at, passes on and drops, by chance.
class Holder {
 public:
  Holder(std::uint64_t seed, Exchange& exchange, Held first) : dice_(seed), exchange_(exchange) {
    held_.push_back(std::move(first));
  }

  /// False when something was not as it was.
  bool step() {
    switch (dice_.below(8)) {
      case 0:
        if (held_.size() > 1) exchange_.put(take_any());
        return true;
      case 1:
        if (auto taken = exchange_.take()) held_.push_back(std::move(*taken));
        return true;
      case 2:
        if (held_.empty()) return true;
        return drop_any();
      case 3: return held_.empty() || is_right(held_[dice_.below(held_.size())]);
      default: return held_.size() > 20 ? drop_any() : make_from(dice_.below(held_.size() + 1));
    }
  }

  bool drop_all() {
    bool are_right = true;
    while (!held_.empty()) are_right = drop_any() && are_right;
    return are_right;
  }

 private:
  Held take_any() {
    std::swap(held_[dice_.below(held_.size())], held_.back());
    Held held = std::move(held_.back());
    held_.pop_back();
    return held;
  }

  bool drop_any() {
    Held held = take_any();
    return is_right(held);
  }

  /// From one of the things held: another that keeps what it reads.
  bool make_from(std::size_t index) {
    if (index >= held_.size()) return true;
    if (auto* handles = std::get_if<HeldHandles>(&held_[index])) return make_from_handles(*handles);
    if (auto* state = std::get_if<HeldState>(&held_[index])) return make_from_state(*state);
    if (auto* guard = std::get_if<HeldGuard>(&held_[index])) {
      HeldGuard copy = *guard;
      held_.emplace_back(std::move(copy));
    }
    return true;
  }

  bool make_from_handles(HeldHandles& handles) {
    if (dice_.one_in(6)) {  // a copy of one handle, or of both
      HeldHandles copy = handles;
      if (dice_.one_in(3)) copy.storage.reset();
      if (dice_.one_in(3)) copy.table.reset();
      held_.emplace_back(std::move(copy));
      return true;
    }
    if (!handles.table) return true;
    if (handles.storage && dice_.one_in(2)) return make_state(*handles.storage, *handles.table);
    return make_guard(*handles.table);
  }

  bool make_state(Storage& storage, const Texts& table) {
    const auto snapshot = storage.snapshot();
    if (!snapshot) return code_of(snapshot) == ErrorCode::closed;
    TextState state = snapshot->table(table);
    std::optional<Entries> entries = entries_of(state);
    if (!entries) return false;
    held_.emplace_back(HeldState{std::move(state), *std::move(entries)});
    return true;
  }

  bool make_from_state(HeldState& from) {
    if (dice_.one_in(3)) {
      HeldState copy = from;
      held_.emplace_back(std::move(copy));
      return true;
    }
    if (dice_.one_in(2)) return make_guard(from.state);
    Entries entries = from.entries;
    held_.emplace_back(HeldRange{from.state.range(), std::move(entries)});
    return true;
  }

  template <class Source>
  bool make_guard(const Source& source) {
    const auto key = static_cast<std::uint32_t>(dice_.below(key_count));
    auto guard = source.get(key);
    if (!guard) return code_of(guard) == ErrorCode::closed;
    if (!*guard) return true;
    std::string text(***guard);
    if (!is_whole(text, key)) return false;
    held_.emplace_back(HeldGuard{std::move(**guard), std::move(text)});
    return true;
  }

  Dice dice_;
  Exchange& exchange_;
  std::vector<Held> held_;
};

/// Commits to memory and to the file, abandons, grows and empties the table until it is told to
/// end.
void churn(Storage storage, const Texts& table, Dice dice, const std::atomic<int>& holders) {
  for (std::uint32_t round = 1; holders != 0; ++round) {
    auto txn = storage.begin_write();
    if (!txn) return;  // closed
    auto editor = txn->table(table);
    const bool is_emptying = dice.one_in(20);
    for (std::uint32_t key = 0; key < key_count; ++key) {
      if (is_emptying)
        static_cast<void>(editor.erase(key).value());
      else if (dice.one_in(4))
        static_cast<void>(editor.put(key, text_of(key, round)).value());
    }
    if (dice.one_in(10)) continue;
    const Durability unsynced = dice.one_in(4) ? Durability::buffered : Durability::resident;
    static_cast<void>(std::move(*txn).commit(dice.one_in(30) ? Durability::full : unsynced));
  }
}

/// One storage from its opening to its last guard. Returns how often something had changed.
int live_once(std::uint64_t seed, Place::Kind kind, std::size_t steps) {
  constexpr int threads = 3;
  Dice dice(seed);
  Place place(kind);
  Exchange exchange;
  std::atomic<int> wrong = 0;
  std::atomic<int> holders = threads;
  std::latch are_done(threads);
  StorageBuilder builder = place.builder();
  builder.with_durability(Durability::buffered).with_poisoned_free_pages();
  if (dice.one_in(2)) builder.with_sharing(Sharing::exclusive);
  if (dice.one_in(2)) builder.with_background_sync({.interval = std::chrono::milliseconds(1)});
  if (dice.one_in(3)) builder.with_memory_budget(std::uint64_t{64} << 10);
  std::optional<Storage> storage = builder.build().value();
  std::optional<Texts> table =
      storage->new_table<std::uint32_t, std::string>("texts").build().value();
  for (std::uint32_t key = 0; key < key_count; ++key) table->put(key, text_of(key, 0)).value();
  {
    std::jthread writer([storage = *storage, table = *table, dice, &holders] {
      churn(storage, table, dice, holders);
    });
    std::vector<std::jthread> others;
    for (std::uint64_t number = 1; number <= threads; ++number) {
      HeldHandles handles{.storage = storage, .table = table};
      others.emplace_back(
          [&, holder = Holder(seed * threads + number, exchange, std::move(handles))]() mutable {
            for (std::size_t step = 0; step < steps; ++step)
              if (!holder.step()) ++wrong;
            --holders;
            are_done.arrive_and_wait();
            if (!holder.drop_all()) ++wrong;
          });
    }
    if (dice.one_in(3)) table.reset();
    if (dice.one_in(2))
      while (holders != 0 && !storage->close()) std::this_thread::yield();
    if (dice.one_in(2)) storage.reset();
  }
  while (auto last = exchange.take())
    if (!is_right(*last)) ++wrong;
  return wrong;
}

// Law: bytes under a guard, a range or a snapshot never change, whatever goes first and wherever.
TEST_CASE("what is held never changes, in whatever order and thread things are made and dropped") {
  for (const Place::Kind kind : Place::all) {
    for (std::uint64_t seed = 0; seed < scaled(kind == Place::Kind::memory ? 60 : 20); ++seed) {
      CAPTURE(seed);
      CHECK(live_once(seed, kind, 400) == 0);
    }
  }
}

}  // namespace
}  // namespace quire::test
