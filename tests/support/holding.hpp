// Holding: handles, snapshots, ranges and guards that threads make from each other, pass around and
// drop in any order, while a writer churns; each knows what it must go on to show.
//
// The writer poisons freed pages, so that whatever outlives what keeps it is seen to change.
#pragma once

#include <quire/quire.hpp>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "support/model_material.hpp"

namespace quire::test {

using Texts = Table<std::uint32_t, std::string>;
using TextState = TableSnapshot<Texts::SchemaType>;
using TextEntries = std::vector<std::pair<std::uint32_t, std::string>>;

/// The table, made where it is missing.
Texts open_texts(const Storage& storage);
/// Puts every text, of round 0.
void put_texts(Texts& table);

/// One transaction: puts texts of this round, empties the table now and then, commits mostly. False
/// when the storage is closed.
bool churn(Storage& storage, const Texts& table, Dice& dice, std::uint32_t round);

// ---- What a thread may hold; is_right() says whether it is as it was

struct HeldGuard {
  Texts::Guard guard;
  std::string text;
  [[nodiscard]] bool is_right() const { return *guard == text; }
};

struct HeldState {
  TextState state;
  TextEntries entries;
  [[nodiscard]] bool is_right() const;
};

/// Reads on by one entry at each look.
struct HeldRange {
  Texts::Range range;
  TextEntries entries;
  std::size_t at = 0;
  [[nodiscard]] bool is_right();
};

/// The handles that lead to the newest state, for as long as the storage is open.
struct HeldHandles {
  std::optional<Storage> storage;
  std::optional<Texts> table;
  [[nodiscard]] bool is_right() const;
};

using Held = std::variant<HeldGuard, HeldState, HeldRange, HeldHandles>;

/// What threads put here is taken by others.
class HeldExchange {
 public:
  void put(Held held);
  std::optional<Held> take();

 private:
  std::mutex mutex_;
  std::vector<Held> held_;
};

/// What one thread does: makes, looks at, passes on and drops, by chance.
class Holder {
 public:
  Holder(std::uint64_t seed, HeldExchange& exchange, Held first);

  /// False when something was not as it was.
  bool step();
  bool drop_all();

 private:
  Held take_any();
  bool drop_any();
  bool make_from(std::size_t index);
  bool make_from_handles(const HeldHandles& handles);
  bool make_state(const Storage& storage, const Texts& table);
  bool make_from_state(const HeldState& from);
  template <class Source>
  bool make_guard(const Source& source);

  Dice dice_;
  HeldExchange& exchange_;
  std::vector<Held> held_;
};

/// Several holders of one process, each on a thread of its own.
class Holders {
 public:
  static constexpr int count = 3;

  /// They begin at once. `when_all_hold` runs when each has taken its steps, before any drops what
  /// it has then.
  Holders(
      std::uint64_t seed, const Storage& storage, const Texts& table, std::size_t steps,
      std::function<void()> when_all_hold = [] {});

  /// Whether any has steps to take.
  [[nodiscard]] bool are_busy() const { return busy_ != 0; }

  /// Lets these handles go while they are at it, by chance: dropped or closed.
  void let_go(std::optional<Storage>& storage, std::optional<Texts>& table, Dice& dice) const;

  /// When all have dropped everything: how often something was not as it was.
  int finish();

 private:
  void run(Holder& holder, std::size_t steps);

  HeldExchange exchange_;
  std::atomic<int> wrong_ = 0;
  std::atomic<int> busy_ = count;
  std::barrier<std::function<void()>> all_hold_;
  std::vector<std::jthread> threads_;
};

}  // namespace quire::test
