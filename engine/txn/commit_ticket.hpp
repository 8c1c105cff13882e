// CommitTicket: a commit's way to the disk, for those who did not wait for it.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

class GroupSync;

/// Of a commit that succeeded; a buffered one is seen by readers before it is on the disk. May be
/// copied, outlives every handle, keeps nothing open. Thread-safe.
class CommitTicket {
 public:
  /// Of nothing, which is durable.
  CommitTicket() = default;
  CommitTicket(std::shared_ptr<GroupSync> group, TxnId txn, std::uint64_t sync)
      : group_(std::move(group)), txn_(txn), sync_(sync) {}

  /// Whether the commit, and all that it builds on, survives a power cut from now on. Does not
  /// wait. outcome_unknown: the sync that would have answered for it failed, or the database was
  /// closed without one; whether it is there shows after reopening.
  [[nodiscard]] Result<bool> is_durable() const;

  /// Waits until it does; syncs at once if nobody else is about to. Fails as is_durable does. What
  /// only memory has it writes first, when no transaction is open: wrong_thread (this thread has
  /// one), no_space and the like (it is still there).
  [[nodiscard]] Status wait() const;

 private:
  std::shared_ptr<GroupSync> group_;
  TxnId txn_;
  std::uint64_t sync_ = 0;
};

}  // namespace quire
