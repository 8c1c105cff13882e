// Cursor: a position in one tree, moving in key order either way.
//
// A cursor reads the pages it was made over; it does not pin them. A failed move leaves it at no
// entry with the error returned, so that an error cannot be taken for the end.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>

#include "quire/engine/base/key_end.hpp"
#include "quire/engine/base/prefetch.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/page/key_buffer.hpp"
#include "quire/engine/page/leaf_view.hpp"
#include "quire/engine/page/tree_root.hpp"
#include "quire/engine/tree/lookup.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/tree/value.hpp"

namespace quire {

/// Not thread-safe; several cursors over one tree are independent.
class Cursor {
 public:
  /// At no entry. The pages must outlive the cursor, and the tree must not be edited meanwhile.
  Cursor(const Pages& pages, const TreeRoot& root) : pages_(pages), root_(root) {}

  [[nodiscard]] const Pages& pages() const { return pages_; }
  [[nodiscard]] const TreeRoot& root() const { return root_; }

  /// Moves to the first entry, the last one, the first at or after key, or the last at or before
  /// it; true when there is such an entry. O(height).
  Result<bool> seek_first();
  Result<bool> seek_last();
  Result<bool> seek(Bytes key);
  Result<bool> seek_at_or_before(Bytes key);
  /// Moves to the entry that has so many before it, by the counts in the branches.
  Result<bool> seek_nth(std::uint64_t number);

  /// Moves by one entry; false at the end (the cursor is then at no entry). Needs is_at_entry().
  Result<bool> next() {
    if (step_before(count_)) [[likely]]
      return true;
    return next_leaf();
  }
  Result<bool> previous() {
    if (index_ > 0) [[likely]] {
      --index_;
      ahead_.prefetch_part(index_);
      return true;
    }
    return previous_leaf();
  }

  /// How many entries the leaf has; last_key_of_leaf() is the last one's, valid as key() is. Needs
  /// is_at_entry().
  [[nodiscard]] std::uint32_t count_in_leaf() const { return count_; }
  [[nodiscard]] bool is_first_in_leaf() const { return index_ == 0; }
  /// Moves by one entry of the leaf; false, and stays, where so many of them are before that one.
  /// Needs no more than count_in_leaf(), and with 0 not even is_at_entry().
  [[nodiscard, gnu::always_inline]] bool step_before(std::uint32_t end) {
    const std::uint32_t next = index_ + 1;
    if (next >= end) return false;
    index_ = next;
    ahead_.prefetch_part(next);
    return true;
  }
  [[nodiscard]] Bytes last_key_of_leaf() { return leaf_.key(count_ - 1); }
  /// How the entry's key differs from those before it in the leaf. Needs is_at_entry().
  [[nodiscard, gnu::always_inline]] KeyEnd key_end() const { return leaf_.key_end(index_); }
  /// The entry's value in its leaf, or what says where a large one lies. Needs is_at_entry().
  [[nodiscard, gnu::always_inline]] LeafValue value_in_leaf() const { return leaf_.value(index_); }

  /// Whether all entries of the leaf have keys of this size, each spelled by what key_end() has in
  /// front, and values of one size at this alignment. Then the next two give what the two above do.
  /// Needs is_at_entry().
  [[nodiscard]] bool has_rows_of(std::size_t key_size, std::uint32_t alignment) const {
    return leaf_.has_rows_of(key_size, alignment);
  }
  [[nodiscard, gnu::always_inline]] KeyEnd row_key_end(std::size_t key_size) const {
    return leaf_.row_key_end(index_, key_size);
  }
  [[nodiscard, gnu::always_inline]] Bytes row_value() const { return leaf_.row_value(index_); }

  /// What quire::rank, lookup_many and Pages::check_value say of the cursor's tree; the cursor
  /// stays where it is.
  [[nodiscard]] Result<std::uint64_t> rank(Bytes key) const {
    return quire::rank(pages_, root_, key);
  }
  Status find_many(std::span<const Bytes> keys, std::span<std::optional<Value>> values) const {
    return lookup_many(pages_, root_, keys, values);
  }
  [[nodiscard]] Status check_value(Value value, const ValueCheck& check) const {
    return pages_.check_value(value, check);
  }

  [[nodiscard]] bool is_at_entry() const { return count_ != 0; }

  /// The entry's key, valid until the cursor moves. Needs is_at_entry().
  [[nodiscard, gnu::always_inline]] Bytes key() { return leaf_.key(index_); }

  /// A branch above the entry, by its level (from 1 up to that of the root), and which of its
  /// children leads to the entry. Needs is_at_entry().
  struct Step {
    const std::byte* branch = nullptr;
    std::uint32_t child = 0;
  };
  [[nodiscard]] const Step& step_at(Level level) const { return path_[level]; }

  /// Where the value of the entry behind or before this one lies, if it is a large one of the same
  /// leaf. Reads none of it. Needs is_at_entry().
  [[nodiscard]] Bytes next_large_value() const { return large_value(index_ + 1); }
  [[nodiscard]] Bytes previous_large_value() const { return large_value(index_ - 1); }

  /// The entry's value, in place. Fails where the run of a large value is damaged.
  Result<Value> value() {
    const LeafValue value = leaf_.value(index_);
    if (!value.is_overflow) [[likely]]
      return Value(value.bytes.data(), value.bytes.size());
    return pages_.overflow_value(value.bytes, root_.table);
  }

 private:
  /// The leaf that comes next in the direction of travel. Steps to entries bring it near, each its
  /// part, or some together a line: a processor waits with what is asked of it beyond some lines at
  /// once, and takes its time to be asked for a line that it has.
  struct Ahead {
    static constexpr std::uint32_t most = 2048;  ///< bytes of a part
    static constexpr std::uint32_t line = cache_line_size;
    const std::byte* leaf = nullptr;
    std::uint32_t part_size = 0;
    std::uint32_t mask = ~0U;  ///< steps to an index with any of these bits ask for nothing

    /// While so many entries are stepped over.
    static Ahead of(const std::byte* leaf, std::uint32_t page_size, std::uint32_t count) {
      const std::uint32_t part_size = std::min(page_size / count, most);
      return {leaf, part_size, std::bit_floor(std::max(line / std::max(part_size, 1U), 1U)) - 1};
    }
    void prefetch_part(std::uint32_t index) const {
      if ((index & mask) != 0) return;
      // What this leaves out of its last line is the next part's.
      const std::byte* const part = leaf + std::size_t{index} * part_size;
      prefetch(part);
      if (part_size > line) prefetch(part + line, part_size - line);
    }
  };

  enum class Side : std::uint8_t { first, last };
  void leave() { count_ = 0; }
  void look_ahead(PageRef next) {
    const std::byte* const leaf = pages_.prefetch(next);
    if (leaf == nullptr) return;
    // What even parts leave out is the end, which the first rows lie at.
    const std::uint32_t rest = pages_.page_size() % count_;
    prefetch(leaf + pages_.page_size() - rest, rest);
    ahead_ = Ahead::of(leaf, pages_.page_size(), count_);
    ahead_.prefetch_part(index_);
  }
  [[nodiscard]] Bytes large_value(std::uint32_t index) const {
    if (index >= count_) return {};
    const LeafValue value = leaf_.value(index);
    return value.is_overflow ? pages_.overflow_run(value.bytes) : Bytes();
  }
  Status descend(PageRef page, Level level, Side side);
  Status enter_leaf(PageRef page);
  template <class Choose>
  Result<const std::byte*> find_leaf(const Choose& choose);
  void enter(const std::byte* leaf);
  Result<bool> next_leaf();
  Result<bool> previous_leaf();
  Result<bool> seek_lower(Bytes key);

  Pages pages_;
  TreeRoot root_;
  LeafReader leaf_;
  std::uint32_t index_ = 0;
  std::uint32_t count_ = 0;
  Ahead ahead_;
  std::array<Step, max_level + 1> path_{};  ///< by level; [0] is unused
};

}  // namespace quire
