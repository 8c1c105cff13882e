// Pending: dead pages that some pin may still see.
//
// A page (born b, died d) may be reused when no pin p has b <= p < d. Each dead extent waits in the
// bucket of one pin that keeps it (the newest such), so that a commit looks again only at buckets
// whose pin is gone and at what just died. That is why a long reader costs only its own snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "quire/engine/space/extent.hpp"

namespace quire {

class Pending {
 public:
  /// Makes sure that the next `count` calls of add() cannot fail.
  void reserve(std::size_t count);
  /// What a commit freed; looked at by the next reclaim().
  void add(const DeadExtent& dead);

  /// Moves out everything that no pin keeps, into `free`. `pins` must be sorted; they are all there
  /// are.
  void reclaim(std::span<const TxnId> pins, std::vector<Extent>& free);

  /// Moves out what lies in this extent, whatever keeps it. Looks at all that is pending.
  [[nodiscard]] std::vector<Extent> take(Extent extent);

  [[nodiscard]] std::uint64_t page_count() const { return page_count_; }
  /// Pages that this pin keeps, and no newer one.
  [[nodiscard]] std::uint64_t page_count(TxnId pin) const;
  [[nodiscard]] std::size_t extent_count() const;
  [[nodiscard]] std::vector<DeadExtent> list() const;

 private:
  void keep(std::span<const TxnId> pins);
  static void take(std::vector<DeadExtent>& bucket, Extent extent, std::vector<Extent>& taken);

  std::vector<DeadExtent> fresh_;                     ///< not looked at
  std::map<TxnId, std::vector<DeadExtent>> waiting_;  ///< by the pin that keeps them
  std::uint64_t page_count_ = 0;
};

}  // namespace quire
