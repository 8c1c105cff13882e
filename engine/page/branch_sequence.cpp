#include "quire/engine/page/branch_sequence.hpp"

#include "quire/engine/page/branch_writer.hpp"

namespace quire {

/// What a page of some of the separators will look like.
struct BranchSequence::Plan {
  bool pure = true;
  std::uint32_t prefix_length = 0;
  std::uint32_t size = 0;  ///< body bytes
};

/// A separator as a page with some prefix needs it.
struct BranchSequence::CutKey {
  std::uint64_t head;
  KeyRest rest;
  bool plain;

  [[nodiscard]] std::uint32_t footprint() const noexcept {
    return plain ? 0 : branch_footprint(rest.remaining);
  }
};

// ---- The sequence

BranchSequence::BranchSequence(const BranchView& only) noexcept
    : left_(only), right_(only), left_count_(only.count()), source_count_(left_count_) {}

BranchSequence::BranchSequence(const BranchView& left, Bytes between,
                               const BranchView& right) noexcept
    : left_(left),
      right_(right),
      between_(between),
      left_count_(left.count()),
      source_count_(left_count_ + 1 + right.count()) {}

BranchSequence& BranchSequence::with_insert(std::uint32_t index, Bytes separator,
                                            Child right) noexcept {
  QUIRE_ASSERT(edit_ == Edit::none && index <= source_count_);
  edit_ = Edit::insert;
  edit_index_ = index;
  edit_separator_ = separator;
  edit_child_ = right;
  return *this;
}

BranchSequence& BranchSequence::with_separator(std::uint32_t index, Bytes separator) noexcept {
  QUIRE_ASSERT(edit_ == Edit::none && index < source_count_);
  edit_ = Edit::replace;
  edit_index_ = index;
  edit_separator_ = separator;
  return *this;
}

std::uint32_t BranchSequence::count() const noexcept {
  return source_count_ + (edit_ == Edit::insert ? 1 : 0);
}

/// Where a separator that the edit did not give comes from.
BranchSequence::Place BranchSequence::place_of(std::uint32_t index) const noexcept {
  if (edit_ == Edit::insert && index > edit_index_) --index;
  if (index < left_count_) return {&left_, index};
  if (index == left_count_) return {nullptr, 0};
  return {&right_, index - left_count_ - 1};
}

Bytes BranchSequence::separator(std::uint32_t index, KeyBuffer& buffer) const noexcept {
  if (is_edited(index)) return edit_separator_;
  const Place place = place_of(index);
  return place.branch == nullptr ? between_ : place.branch->separator(place.index, buffer);
}

Child BranchSequence::child(std::uint32_t index) const noexcept {
  if (edit_ == Edit::insert && index > edit_index_) {
    if (index == edit_index_ + 1) return edit_child_;
    --index;
  }
  if (index <= left_count_) return {left_.child(index), left_.entries(index)};
  index -= left_count_ + 1;
  return {right_.child(index), right_.entries(index)};
}

BranchSequence::CutKey BranchSequence::cut_key(std::uint32_t index, std::uint32_t prefix_length,
                                               KeyBuffer& buffer) const noexcept {
  const Bytes whole = separator(index, buffer);
  return {head_at(whole, prefix_length), rest_at(whole, prefix_length),
          is_plain(whole, prefix_length)};
}

// ---- How large a page would be

std::uint32_t BranchSequence::shared_prefix_of(std::uint32_t first,
                                               std::uint32_t last) const noexcept {
  KeyBuffer first_buffer;
  KeyBuffer last_buffer;
  return static_cast<std::uint32_t>(
      shared_prefix(separator(first, first_buffer), separator(last - 1, last_buffer)));
}

BranchSequence::Plan BranchSequence::plan_with(std::uint32_t first, std::uint32_t last,
                                               std::uint32_t prefix_length) const noexcept {
  KeyBuffer buffer;
  Plan plan{.pure = true, .prefix_length = prefix_length};
  for (std::uint32_t i = first; i < last; ++i) {
    const CutKey key = cut_key(i, prefix_length, buffer);
    plan.pure = plan.pure && key.plain;
    plan.size += key.footprint();
  }
  plan.size += BranchArrays(prefix_length, last - first, plan.pure).end - header_size;
  return plan;
}

BranchSequence::Plan BranchSequence::plan(std::uint32_t first, std::uint32_t last) const noexcept {
  const std::uint32_t longest = first == last ? 0 : shared_prefix_of(first, last);
  const Plan best = plan_with(first, last, longest);
  // As for leaves: what was in a full page fits with the prefix it had there.
  const std::uint32_t proven = left_.prefix_length();
  if (best.size <= body_size(left_.page_size()) || proven >= longest) return best;
  return plan_with(first, last, proven);
}

std::uint32_t BranchSequence::size_of(std::uint32_t first, std::uint32_t last) const noexcept {
  return plan(first, last).size;
}

bool BranchSequence::fits(std::uint32_t first, std::uint32_t last) const noexcept {
  return size_of(first, last) <= body_size(left_.page_size());
}

// ---- Where to split

bool BranchSequence::is_split(std::uint32_t index) const noexcept {
  return index < count() && fits(0, index) && fits(index + 1, count());
}

/// The separator whose sides are nearest to each other in bytes, as if they kept one prefix.
std::uint32_t BranchSequence::even_split() const noexcept {
  KeyBuffer buffer;
  const std::uint32_t separators = count();
  const std::uint32_t prefix_length = shared_prefix_of(0, separators);
  const auto weight = [&](std::uint32_t index) {
    const std::uint32_t fixed = layout::head_size + child_size + child_count_size;
    return fixed + cut_key(index, prefix_length, buffer).footprint();
  };
  std::uint32_t total = 0;
  for (std::uint32_t i = 0; i < separators; ++i) total += weight(i);
  std::uint32_t split = 0;
  for (std::uint32_t left = 0; split < separators; ++split) {
    const std::uint32_t here = weight(split);
    if (2 * left + here >= total - here) break;
    left += here;
  }
  return split;
}

/// The last separator left of which all fits.
std::uint32_t BranchSequence::last_split() const noexcept {
  std::uint32_t fitting = 0;
  std::uint32_t too_many = count();
  for (std::uint32_t probe = too_many - 1; fitting + 1 < too_many;
       probe = fitting + (too_many - fitting) / 2) {
    (fits(0, probe) ? fitting : too_many) = probe;
  }
  return fitting;
}

/// The first separator right of which all fits.
std::uint32_t BranchSequence::first_split() const noexcept {
  const std::uint32_t separators = count();
  if (fits(1, separators)) return 0;
  std::uint32_t too_many = 0;
  std::uint32_t fitting = separators - 1;
  while (too_many + 1 < fitting) {
    const std::uint32_t probe = too_many + (fitting - too_many) / 2;
    (fits(probe + 1, separators) ? fitting : too_many) = probe;
  }
  return fitting;
}

std::optional<std::uint32_t> BranchSequence::split_point(Fill fill) const noexcept {
  const std::uint32_t separators = count();
  if (separators == 0) return std::nullopt;
  const auto inner = [&](std::uint32_t split) {
    return separators < 3 ? split : std::min(std::max(split, 1U), separators - 2);
  };
  const std::uint32_t even = fill == Fill::even ? even_split() : 0;
  if (fill == Fill::even && is_split(inner(even))) return inner(even);
  const std::uint32_t first = first_split();
  const std::uint32_t last = last_split();
  std::uint32_t split = fill == Fill::left_full ? last : first;
  if (fill == Fill::even && first <= last) split = std::min(std::max(even, first), last);
  if (is_split(inner(split))) return inner(split);
  if (is_split(split)) return split;
  return split_beside_edit();
}

/// A new separator that shares little with the others may make them too long for any page that it
/// lies in.
std::optional<std::uint32_t> BranchSequence::split_beside_edit() const noexcept {
  if (edit_ == Edit::none) return std::nullopt;
  for (const std::uint32_t split : {edit_index_ - 1, edit_index_ + 1, edit_index_}) {
    if (is_split(split)) return split;
  }
  return std::nullopt;
}

// ---- Building

void BranchSequence::build(std::uint32_t first, std::uint32_t last, MutableBytes target,
                           Level level) const noexcept {
  const Plan plan = this->plan(first, last);
  QUIRE_ASSERT(target.size() == left_.page_size() && plan.size <= body_size(left_.page_size()));
  KeyBuffer buffer;
  const Bytes prefix = first == last ? Bytes{} : separator(first, buffer).first(plan.prefix_length);
  BranchWriter writer(target, {level, plan.pure, last - first, prefix});
  for (std::uint32_t i = first; i < last; ++i) {
    writer.append_child(child(i));
    const CutKey key = cut_key(i, plan.prefix_length, buffer);
    writer.append_separator(key.head, key.rest, key.plain);
  }
  writer.append_child(child(last));
  writer.finish();
}

}  // namespace quire
