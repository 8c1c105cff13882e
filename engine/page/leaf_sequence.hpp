// LeafSequence: what one leaf, or two neighbours, hold after one edit, as one sorted sequence.
//
// Nothing is copied until a page is built, so the same object answers how large the pages of a
// split, a merge or a redistribution would be, and then writes them.
//
// Law: what came from one leaf that fitted, with one legal entry inserted or replaced, has a cut
// that makes two leaves that fit, but for one case: an entry in the midst of rows that is unlike
// them may be too much for either side. Then the leaf itself can be cut at the entry's index, and
// after that the law gives a cut beside the entry.
#pragma once

#include <cstdint>
#include <optional>

#include "quire/engine/page/fill.hpp"
#include "quire/engine/page/key_buffer.hpp"
#include "quire/engine/page/leaf_view.hpp"

namespace quire {

/// Refers to its leaves and to the edit's bytes; all must stay as they are. Not thread-safe.
class LeafSequence {
 public:
  explicit LeafSequence(const LeafView& only) noexcept;
  /// Every key of left is below every key of right; both are of one table.
  LeafSequence(const LeafView& left, const LeafView& right) noexcept;

  /// The one edit. index is that of the new or replaced entry in the sequence.
  LeafSequence& with_insert(std::uint32_t index, Bytes key, LeafValue value) noexcept;
  LeafSequence& with_replace(std::uint32_t index, LeafValue value) noexcept;

  [[nodiscard]] std::uint32_t count() const noexcept;
  [[nodiscard]] Bytes key(std::uint32_t index, KeyBuffer& buffer) const noexcept;
  [[nodiscard]] LeafValue value(std::uint32_t index) const noexcept;

  /// Body bytes of the page built from the entries [first, last).
  [[nodiscard]] std::uint32_t size_of(std::uint32_t first, std::uint32_t last) const noexcept;
  [[nodiscard]] bool fits(std::uint32_t first, std::uint32_t last) const noexcept;

  /// Writes the page of the entries [first, last), which must fit, into target, which must not be
  /// a source. Sets what LeafEditor::format sets.
  void build(std::uint32_t first, std::uint32_t last, MutableBytes target) const noexcept;

  /// The same of all entries of one leaf and its edit, which keep the leaf's prefix if they can.
  /// False, and nothing written, where they do not fit.
  [[nodiscard]] bool build_as_before(MutableBytes target) const noexcept;

  /// The index before which a cut makes two pages that fit, neither empty; none where there is no
  /// such cut.
  [[nodiscard]] std::optional<std::uint32_t> split_point(Fill fill) const noexcept;

 private:
  enum class Edit : std::uint8_t { none, insert, replace };
  struct Place {
    const LeafEntries& leaf;
    std::uint32_t index;
  };
  /// Neighbours from one leaf that the edit did not give: entries [begin, end) of it.
  struct Run {
    const LeafEntries* leaf;
    std::uint32_t begin;
    std::uint32_t end;
  };
  /// Which prefix a page gets if its entries fit with it; else the other one. The leaf's own stays
  /// the right one where keys come in order, as each shares less with the first than the one
  /// before: a longer one would be a shorter one soon, and the page made anew.
  enum class Prefix : std::uint8_t { longest, as_before };
  struct Plan;

  [[nodiscard]] bool is_edited(std::uint32_t index) const noexcept {
    return edit_ != Edit::none && index == edit_index_;
  }
  [[nodiscard]] bool is_inserted(std::uint32_t index) const noexcept {
    return edit_ == Edit::insert && index == edit_index_;
  }
  [[nodiscard]] Place place_of(std::uint32_t index) const noexcept;
  [[nodiscard]] Run run_at(std::uint32_t index, std::uint32_t last) const noexcept;
  [[nodiscard]] EntrySizes sizes(std::uint32_t index) const noexcept;
  template <class Visitor>
  void visit_sizes(std::uint32_t first, std::uint32_t last, Visitor visitor) const noexcept;
  [[nodiscard]] std::uint32_t shared_prefix_of(std::uint32_t first,
                                               std::uint32_t last) const noexcept;
  [[nodiscard]] bool is_uniform(std::uint32_t first, std::uint32_t last) const noexcept;
  [[nodiscard]] bool is_uniform_by_type(std::uint32_t first, std::uint32_t last) const noexcept;
  [[nodiscard]] Plan plan(std::uint32_t first, std::uint32_t last, Prefix liked) const noexcept;
  [[nodiscard]] Plan plan_with(std::uint32_t first, std::uint32_t last, bool rows,
                               std::uint32_t prefix_length) const noexcept;
  void build(const Plan& plan, std::uint32_t first, std::uint32_t last,
             MutableBytes target) const noexcept;
  [[nodiscard]] std::uint32_t even_cut() const noexcept;
  [[nodiscard]] bool is_cut(std::uint32_t index) const noexcept;
  [[nodiscard]] std::uint32_t last_cut() const noexcept;
  [[nodiscard]] std::uint32_t first_cut() const noexcept;

  LeafEntries left_;
  LeafEntries right_;
  std::uint32_t page_size_;
  std::uint32_t alignment_;
  std::uint32_t source_count_;
  Edit edit_ = Edit::none;
  std::uint32_t edit_index_ = 0;
  Bytes edit_key_;
  LeafValue edit_value_;
};

}  // namespace quire
