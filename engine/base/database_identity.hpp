// DatabaseIdentity: tells one open database from all others that this process has or had open.
#pragma once

#include <atomic>
#include <cstdint>

namespace quire {

/// A number, as an address would be another database's soon. 0: of none.
struct DatabaseIdentity {
  std::uint64_t value = 0;
  bool operator==(const DatabaseIdentity&) const = default;

  /// One that there was never before. Thread-safe.
  [[nodiscard]] static DatabaseIdentity make() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return {last.fetch_add(1, std::memory_order_relaxed) + 1};
  }
};

}  // namespace quire
