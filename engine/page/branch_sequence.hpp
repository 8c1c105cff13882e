// BranchSequence: what one branch, or two neighbours, hold after one edit, as one sorted sequence
// of separators with children between them.
//
// Law: what came from one branch that fitted, with one legal separator inserted or replaced, can be
// cut in two at a separator that moves up.
#pragma once

#include <cstdint>
#include <optional>

#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/fill.hpp"
#include "quire/engine/page/key_buffer.hpp"

namespace quire {

/// Refers to its branches and to the edit's bytes; all must stay as they are. Not thread-safe.
class BranchSequence {
 public:
  explicit BranchSequence(const BranchView& only) noexcept;
  /// `between`: the separator of the two in their parent.
  BranchSequence(const BranchView& left, Bytes between, const BranchView& right) noexcept;

  /// The one edit. index is that of the new or replaced separator in the sequence; the child right
  /// of a new one has the index after it.
  BranchSequence& with_insert(std::uint32_t index, Bytes separator, Child right) noexcept;
  BranchSequence& with_separator(std::uint32_t index, Bytes separator) noexcept;

  /// Of separators; there is one child more.
  [[nodiscard]] std::uint32_t count() const noexcept;
  [[nodiscard]] Bytes separator(std::uint32_t index, KeyBuffer& buffer) const noexcept;
  [[nodiscard]] Child child(std::uint32_t index) const noexcept;

  /// Body bytes of the page built from the separators [first, last) and the children beside them,
  /// [first, last].
  [[nodiscard]] std::uint32_t size_of(std::uint32_t first, std::uint32_t last) const noexcept;
  [[nodiscard]] bool fits(std::uint32_t first, std::uint32_t last) const noexcept;

  /// Writes that page, which must fit, into target, which must not be a source. Sets what
  /// BranchEditor::format sets.
  void build(std::uint32_t first, std::uint32_t last, MutableBytes target,
             Level level) const noexcept;

  /// The separator that moves up so that both sides fit: [0, it) and [it + 1, count). Neither side
  /// is without separators where that can be had. None where there is no such separator.
  [[nodiscard]] std::optional<std::uint32_t> split_point(Fill fill) const noexcept;

 private:
  enum class Edit : std::uint8_t { none, insert, replace };
  struct Plan;
  struct CutKey;
  struct Place {
    const BranchView* branch;  ///< none: the separator between the two
    std::uint32_t index;
  };

  [[nodiscard]] bool is_edited(std::uint32_t index) const noexcept {
    return edit_ != Edit::none && index == edit_index_;
  }
  [[nodiscard]] Place place_of(std::uint32_t index) const noexcept;
  [[nodiscard]] CutKey cut_key(std::uint32_t index, std::uint32_t prefix_length,
                               KeyBuffer& buffer) const noexcept;
  [[nodiscard]] std::uint32_t shared_prefix_of(std::uint32_t first,
                                               std::uint32_t last) const noexcept;
  [[nodiscard]] Plan plan(std::uint32_t first, std::uint32_t last) const noexcept;
  [[nodiscard]] Plan plan_with(std::uint32_t first, std::uint32_t last,
                               std::uint32_t prefix_length) const noexcept;
  [[nodiscard]] std::uint32_t even_split() const noexcept;
  [[nodiscard]] bool is_split(std::uint32_t index) const noexcept;
  [[nodiscard]] std::uint32_t last_split() const noexcept;
  [[nodiscard]] std::uint32_t first_split() const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> split_beside_edit() const noexcept;

  BranchView left_;
  BranchView right_;
  Bytes between_;
  std::uint32_t left_count_;
  std::uint32_t source_count_;
  Edit edit_ = Edit::none;
  std::uint32_t edit_index_ = 0;
  Bytes edit_separator_;
  Child edit_child_;
};

}  // namespace quire
