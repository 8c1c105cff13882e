// SingleEdits: edits that are each a transaction of their own.
//
// Those that wait at the same time become one commit: while one thread commits, the edits of the
// others gather, and who came first of them then commits them all (flat combining: D. Hendler et
// al., Flat Combining and the Synchronization-Parallelism Tradeoff, SPAA 2010). So a sync, a meta
// slot and the pages that several of them share are written once for all.
//
// Invariants: one thread leads; the others sleep. Each edit gets the answer that it would have
// alone: when the commit of all fails with nothing changed, each is done alone by its own thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/tree/value.hpp"

namespace quire {

class Core;
struct LeaveGate;
using WriterPlace = std::unique_ptr<Core, LeaveGate>;

/// What one edit is to do to a table. Whoever makes it keeps what it refers to.
struct SingleEdit {
  TableId id;
  std::string_view name;
  Bytes key;
  std::optional<Bytes> value;  ///< none: the entry is erased
  PutMode mode = PutMode::upsert;
};

/// Thread-safe.
class SingleEdits {
 public:
  explicit SingleEdits(Core& core) : core_(core) {}

  /// Edits, commits and waits as the durability says. What the edit answers, or fails with, and
  /// then nothing of it is there; fails as a commit does. wrong_thread: this thread has a write
  /// transaction.
  Result<bool> commit(const SingleEdit& edit, Durability durability);

  /// How many wait for the one who leads.
  [[nodiscard]] std::uint64_t waiting() const { return waiting_; }

 private:
  enum class Turn : std::uint8_t { none, leads, is_done, goes_alone };

  /// An edit and the thread that waits for it, on whose stack this is.
  struct Waiter {
    const SingleEdit& edit;
    Durability durability;
    Waiter* next = nullptr;
    Result<bool> answer = false;
    std::mutex mutex{};
    std::condition_variable changed{};
    Turn turn = Turn::none;
  };

  /// Hands the lead on.
  class Lead;

  /// False: somebody leads, and it waits from now on.
  [[nodiscard]] bool takes_lead(Waiter& self);
  [[nodiscard]] static Turn wait_for_turn(Waiter& self);
  static void tell(Waiter& waiter, Turn turn);
  [[nodiscard]] Waiter* take_first();
  void hand_on();
  void wait_for_others() const;
  void take_others(Waiter& leader);
  Result<bool> lead(Waiter& self);
  Result<bool> commit_together(Waiter& first, WriterPlace place);
  Result<bool> commit_alone(Waiter& self) const;
  Result<bool> commit_one(Waiter& self, WriterPlace place) const;
  [[nodiscard]] Status commit_list(Waiter& first, WriterPlace place, bool& is_named) const;

  Core& core_;
  std::mutex mutex_;  // over the list
  bool is_led_ = false;
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  std::atomic<std::uint32_t> waiting_ = 0;
  // Of the one who leads:
  std::uint32_t expected_ = 0;  ///< to wait, when all have come that may come again
  std::uint32_t last_joined_ = 1;
  std::chrono::steady_clock::duration last_duration_{};
};

}  // namespace quire
