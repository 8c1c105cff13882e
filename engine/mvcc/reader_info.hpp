// ReaderInfo: what is known of a thread that keeps a state; and what readers may cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "quire/engine/base/ids.hpp"

namespace quire {

/// The guards and snapshots of one thread, at one state. As it was found: it may be gone by now.
struct ReaderInfo {
  std::string name;                 ///< of the snapshot, or else of the program
  std::uint64_t process_id = 0;     ///< as the process knows itself, in its PID namespace
  TxnId txn;                        ///< whose state it keeps
  std::uint64_t lag = 0;            ///< how much newer what is published is, in transaction ids
  std::uint64_t pins = 0;           ///< guards and snapshots
  std::uint64_t since = 0;          ///< when the thread came to this state: nanoseconds since 1970
  std::chrono::nanoseconds age{0};  ///< how long its state has not been the newest, as writers saw
  std::uint64_t kept_bytes = 0;     ///< of pages that wait for it before all others
  bool is_stale = false;            ///< its process is gone; the next writer frees it
  bool is_ousted = false;           ///< a hard limit was passed
};

/// What a reader may cost before somebody hears of it (soft), or nothing more is shown to it
/// (hard). Both are looked at by whoever writes, with his own limits. 0: no limit.
///
/// An ousted snapshot gives snapshot_ousted for whatever is asked of it, and so does a range at its
/// next step. What guards show stays valid, and pages are freed when the last of them goes.
struct ReaderLimits {
  std::chrono::milliseconds soft_age{0};
  std::chrono::milliseconds hard_age{0};
  std::uint64_t soft_size = 0;  ///< bytes of pages that wait for it
  std::uint64_t hard_size = 0;
  /// Once for each state of a thread that passes a soft limit, and again when it is ousted. Called
  /// in the writer's place: it must not write, throw, or take long.
  std::function<void(const ReaderInfo&)> callback = {};

  [[nodiscard]] bool is_any() const {
    return soft_age.count() > 0 || hard_age.count() > 0 || soft_size != 0 || hard_size != 0;
  }
};

}  // namespace quire
