#include "quire/engine/page/leaf_sequence.hpp"

#include "quire/engine/page/leaf_writer.hpp"

namespace quire {

/// What a page of some of the entries will look like.
struct LeafSequence::Plan {
  bool rows = false;
  std::uint32_t prefix_length = 0;
  std::uint32_t size = 0;  ///< body bytes
};

// ---- The sequence

LeafSequence::LeafSequence(const LeafView& only) noexcept
    : left_(only),
      right_(only),
      page_size_(only.page_size()),
      alignment_(only.alignment()),
      source_count_(left_.count()) {}

LeafSequence::LeafSequence(const LeafView& left, const LeafView& right) noexcept
    : left_(left),
      right_(right),
      page_size_(left.page_size()),
      alignment_(left.alignment()),
      source_count_(left_.count() + right_.count()) {
  QUIRE_ASSERT(right.alignment() == alignment_);
}

LeafSequence& LeafSequence::with_insert(std::uint32_t index, Bytes key, LeafValue value) noexcept {
  QUIRE_ASSERT(edit_ == Edit::none && index <= source_count_);
  edit_ = Edit::insert;
  edit_index_ = index;
  edit_key_ = key;
  edit_value_ = value;
  return *this;
}

LeafSequence& LeafSequence::with_replace(std::uint32_t index, LeafValue value) noexcept {
  QUIRE_ASSERT(edit_ == Edit::none && index < source_count_);
  edit_ = Edit::replace;
  edit_index_ = index;
  edit_value_ = value;
  return *this;
}

std::uint32_t LeafSequence::count() const noexcept {
  return source_count_ + (edit_ == Edit::insert ? 1 : 0);
}

/// Where an entry that was not inserted comes from.
LeafSequence::Place LeafSequence::place_of(std::uint32_t index) const noexcept {
  if (edit_ == Edit::insert && index > edit_index_) --index;
  if (index < left_.count()) return {left_, index};
  return {right_, index - left_.count()};
}

Bytes LeafSequence::key(std::uint32_t index, KeyBuffer& buffer) const noexcept {
  if (is_inserted(index)) return edit_key_;
  const Place place = place_of(index);
  const KeyRest rest = place.leaf.rest(place.index);
  buffer.set_prefix(place.leaf.prefix());
  return buffer.set_rest(place.leaf.head(place.index), rest.remaining, rest.tail.data());
}

LeafValue LeafSequence::value(std::uint32_t index) const noexcept {
  if (is_edited(index)) return edit_value_;
  const Place place = place_of(index);
  return place.leaf.value(place.index);
}

EntrySizes LeafSequence::sizes(std::uint32_t index) const noexcept {
  const auto edit_size = static_cast<std::uint32_t>(edit_value_.bytes.size());
  if (is_inserted(index)) {
    return {static_cast<std::uint32_t>(edit_key_.size()), edit_size, edit_value_.is_overflow};
  }
  const Place place = place_of(index);
  EntrySizes sizes = place.leaf.sizes(place.index);
  if (is_edited(index)) {
    sizes.value = edit_size;
    sizes.is_overflow = edit_value_.is_overflow;
  }
  return sizes;
}

/// The longest run from index on, at most to last; empty where the edit gave that entry.
LeafSequence::Run LeafSequence::run_at(std::uint32_t index, std::uint32_t last) const noexcept {
  if (is_edited(index)) return {nullptr, 0, 0};
  const bool edit_follows = edit_ != Edit::none && edit_index_ > index;
  const std::uint32_t stop = edit_follows ? std::min(edit_index_, last) : last;
  const Place place = place_of(index);
  const std::uint32_t length = std::min(stop - index, place.leaf.count() - place.index);
  return {&place.leaf, place.index, place.index + length};
}

/// Calls visitor(index, sizes) for the entries [first, last), until it returns false.
template <class Visitor>
void LeafSequence::visit_sizes(std::uint32_t first, std::uint32_t last,
                               Visitor visitor) const noexcept {
  for (std::uint32_t index = first; index < last;) {
    const Run run = run_at(index, last);
    if (run.begin == run.end && !visitor(index, sizes(index))) return;
    for (std::uint32_t i = run.begin; i < run.end; ++i) {
      if (!visitor(index + i - run.begin, run.leaf->sizes(i))) return;
    }
    index += std::max(run.end - run.begin, 1U);
  }
}

// ---- How large a page would be

std::uint32_t LeafSequence::shared_prefix_of(std::uint32_t first,
                                             std::uint32_t last) const noexcept {
  KeyBuffer first_buffer;
  KeyBuffer last_buffer;
  return static_cast<std::uint32_t>(
      shared_prefix(key(first, first_buffer), key(last - 1, last_buffer)));
}

/// Whether the sources being rows is enough to know that all lengths are the same.
bool LeafSequence::is_uniform_by_type(std::uint32_t first, std::uint32_t last) const noexcept {
  if (!left_.is_rows() || !right_.is_rows()) return false;
  const EntrySizes& left = left_.row_sizes();
  const EntrySizes& right = right_.row_sizes();
  if (left.key != right.key || left.value != right.value) return false;
  if (edit_ == Edit::none || edit_index_ < first || edit_index_ >= last) return true;
  const EntrySizes edited = sizes(edit_index_);
  return edited.key == left.key && edited.value == left.value && !edited.is_overflow;
}

bool LeafSequence::is_uniform(std::uint32_t first, std::uint32_t last) const noexcept {
  if (is_uniform_by_type(first, last)) return true;
  const EntrySizes one = sizes(first);
  bool uniform = true;
  visit_sizes(first, last, [&](std::uint32_t, const EntrySizes& other) {
    uniform = !other.is_overflow && other.key == one.key && other.value == one.value;
    return uniform;
  });
  return uniform;
}

LeafSequence::Plan LeafSequence::plan_with(std::uint32_t first, std::uint32_t last, bool rows,
                                           std::uint32_t prefix_length) const noexcept {
  const std::uint32_t entries = last - first;
  const auto tail = [&](const EntrySizes& entry) { return tail_size(entry.key - prefix_length); };
  if (rows) {
    const EntrySizes any = sizes(first);
    const std::uint32_t stride = row_stride(tail(any), any.value, alignment_);
    return {true, prefix_length,
            heads_end(prefix_length, entries) - header_size + entries * stride};
  }
  std::uint32_t size = slots_end(prefix_length, entries) - header_size;
  visit_sizes(first, last, [&](std::uint32_t, const EntrySizes& entry) {
    size += entry_footprint(tail(entry), entry.value, alignment_);
    return true;
  });
  return {false, prefix_length, size};
}

LeafSequence::Plan LeafSequence::plan(std::uint32_t first, std::uint32_t last,
                                      Prefix liked) const noexcept {
  if (first == last) return {};
  const std::uint32_t longest = shared_prefix_of(first, last);
  // A longer prefix may cost a few bytes that no tail gives back. Entries of a full page fit with
  // the prefix they had there, whatever it was.
  const std::uint32_t proven = std::min(left_.prefix_length(), longest);
  const bool is_longest = liked == Prefix::longest || left_.count() == 0;
  const bool rows = is_uniform(first, last);
  const Plan best = plan_with(first, last, rows, is_longest ? longest : proven);
  if (best.size <= body_size(page_size_) || proven == longest) return best;
  return plan_with(first, last, rows, is_longest ? proven : longest);
}

std::uint32_t LeafSequence::size_of(std::uint32_t first, std::uint32_t last) const noexcept {
  return plan(first, last, Prefix::longest).size;
}

bool LeafSequence::fits(std::uint32_t first, std::uint32_t last) const noexcept {
  return size_of(first, last) <= body_size(page_size_);
}

// ---- Where to cut

bool LeafSequence::is_cut(std::uint32_t index) const noexcept {
  return index > 0 && index < count() && fits(0, index) && fits(index, count());
}

/// The cut whose sides are nearest to each other in bytes, as if they kept one common prefix.
std::uint32_t LeafSequence::even_cut() const noexcept {
  const std::uint32_t entries = count();
  if (is_uniform_by_type(0, entries)) return entries / 2;
  const std::uint32_t prefix_length = shared_prefix_of(0, entries);
  const auto weight = [&](const EntrySizes& entry) {
    const std::uint32_t tail = tail_size(entry.key - prefix_length);
    return layout::head_size + slot_size + entry_footprint(tail, entry.value, alignment_);
  };
  std::uint32_t total = 0;
  visit_sizes(0, entries, [&](std::uint32_t, const EntrySizes& entry) {
    total += weight(entry);
    return true;
  });
  std::uint32_t cut = 0;
  std::uint32_t left = 0;
  visit_sizes(0, entries, [&](std::uint32_t index, const EntrySizes& entry) {
    cut = index;
    left += weight(entry);
    return 2 * left - weight(entry) <= total;
  });
  return std::min(std::max(cut, 1U), entries - 1);
}

/// The last cut whose left side fits.
std::uint32_t LeafSequence::last_cut() const noexcept {
  std::uint32_t fitting = 1;
  std::uint32_t too_many = count();
  for (std::uint32_t probe = too_many - 1; fitting + 1 < too_many;
       probe = fitting + (too_many - fitting) / 2) {
    (fits(0, probe) ? fitting : too_many) = probe;
  }
  return fitting;
}

/// The first cut whose right side fits.
std::uint32_t LeafSequence::first_cut() const noexcept {
  const std::uint32_t entries = count();
  std::uint32_t too_many = 0;
  std::uint32_t fitting = entries - 1;
  for (std::uint32_t probe = 1; too_many + 1 < fitting;
       probe = too_many + (fitting - too_many) / 2) {
    (fits(probe, entries) ? fitting : too_many) = probe;
  }
  return fitting;
}

std::optional<std::uint32_t> LeafSequence::split_point(Fill fill) const noexcept {
  if (count() < 2) return std::nullopt;
  const std::uint32_t even = fill == Fill::even ? even_cut() : 0;
  if (fill == Fill::even && is_cut(even)) return even;
  const std::uint32_t first = first_cut();
  const std::uint32_t last = last_cut();
  std::uint32_t cut = fill == Fill::left_full ? last : first;
  if (fill == Fill::even && first <= last) cut = std::min(std::max(even, first), last);
  if (is_cut(cut)) return cut;
  // A new first or last key that shares little with the others may make them too long for any
  // page that it lies in.
  if (edit_ != Edit::none && is_cut(edit_index_)) return edit_index_;
  if (edit_ != Edit::none && is_cut(edit_index_ + 1)) return edit_index_ + 1;
  return std::nullopt;
}

// ---- Building

void LeafSequence::build(std::uint32_t first, std::uint32_t last,
                         MutableBytes target) const noexcept {
  build(plan(first, last, Prefix::longest), first, last, target);
}

bool LeafSequence::build_as_before(MutableBytes target) const noexcept {
  const Plan plan = this->plan(0, count(), Prefix::as_before);
  if (plan.size > body_size(page_size_)) return false;
  build(plan, 0, count(), target);
  return true;
}

void LeafSequence::build(const Plan& plan, std::uint32_t first, std::uint32_t last,
                         MutableBytes target) const noexcept {
  QUIRE_ASSERT(target.size() == page_size_ && plan.size <= body_size(page_size_));
  KeyBuffer buffer;
  const Bytes prefix = first == last ? Bytes{} : key(first, buffer).first(plan.prefix_length);
  LeafWriter writer(target, alignment_, prefix, last - first, plan.rows);
  for (std::uint32_t index = first; index < last;) {
    const Run run = run_at(index, last);
    if (run.begin == run.end) {
      writer.append(key(index, buffer), value(index));
      ++index;
    } else {
      writer.append(*run.leaf, run.begin, run.end);
      index += run.end - run.begin;
    }
  }
  writer.finish();
}

}  // namespace quire
