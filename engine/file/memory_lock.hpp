// The presence lock of a file that lives in memory, with the rules of an open-file-description
// lock.
//
// Invariant: somebody holds it exclusively and nobody shares it, or any number share it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quire {

/// What one open file holds of a MemoryLock.
enum class LockHeld : std::uint8_t { nothing, shared, exclusive };

/// One per file; each open file keeps what it holds. The caller keeps threads apart.
class MemoryLock {
 public:
  /// False when anybody else holds it; mine is then as before.
  bool take_exclusive(LockHeld& mine) noexcept {
    const std::size_t own_share = mine == LockHeld::shared ? 1 : 0;
    if (is_exclusive_ ? mine != LockHeld::exclusive : shares_ > own_share) return false;
    release(mine);
    is_exclusive_ = true;
    mine = LockHeld::exclusive;
    return true;
  }

  /// False when somebody else holds it exclusively. Lowers an exclusive lock of one's own.
  bool take_shared(LockHeld& mine) noexcept {
    if (is_exclusive_ && mine != LockHeld::exclusive) return false;
    release(mine);
    ++shares_;
    mine = LockHeld::shared;
    return true;
  }

  void release(LockHeld& mine) noexcept {
    if (mine == LockHeld::exclusive) is_exclusive_ = false;
    if (mine == LockHeld::shared) --shares_;
    mine = LockHeld::nothing;
  }

 private:
  std::size_t shares_ = 0;
  bool is_exclusive_ = false;
};

}  // namespace quire
