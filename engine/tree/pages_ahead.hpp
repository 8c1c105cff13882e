// PagesAhead: which pages a cursor will come to next, so that they can be read before it does.
//
// They are told by the branch above the cursor's leaf, which knows the leaves that follow; at its
// last one, by the branch above that. A large value is told when the cursor is at the entry before.
#pragma once

#include <cstdint>
#include <functional>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/tree/cursor.hpp"

namespace quire {

/// Of one cursor that goes one way. Not thread-safe.
class PagesAhead {
 public:
  enum class Way : std::uint8_t { up, down };
  using Visit = std::function<void(Bytes)>;

  /// Tells of so many leaves at most.
  PagesAhead(Way way, std::uint32_t leaf_count) : way_(way), leaf_count_(leaf_count) {}

  /// For each step of the cursor, which is at an entry: visits the pages that it will come to, in
  /// runs as long as they are in the file; not verified, and each once. Pages in memory are left
  /// out.
  void look(const Cursor& cursor, const Visit& visit);

 private:
  void look_at_leaves(const Cursor& cursor, const Visit& visit);
  static void tell_children(const Cursor& cursor, const BranchView& branch, std::uint32_t first,
                            std::uint32_t end, const Visit& visit);
  void tell_next_branch(const Cursor& cursor, const Visit& visit) const;
  /// How many children the cursor will come to after that one.
  [[nodiscard]] std::uint32_t rest(const BranchView& branch, std::uint32_t child) const {
    return way_ == Way::up ? branch.count() - child : child;
  }

  Way way_;
  std::uint32_t leaf_count_;
  const std::byte* branch_ = nullptr;
  std::uint32_t untold_ = 0;  ///< the last children of the branch, which were not told of
};

}  // namespace quire
