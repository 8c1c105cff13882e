// TreeEditor's half that makes trees grow: insert, replace, sharing between siblings, splits.

#include <vector>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/page/branch_sequence.hpp"
#include "quire/engine/page/leaf_editor.hpp"
#include "quire/engine/page/leaf_sequence.hpp"
#include "quire/engine/page/separator.hpp"
#include "quire/engine/tree/tree_editor.hpp"

namespace quire {
namespace {

/// A dirty sibling takes entries over instead of a split when so much of it is free (one part in).
constexpr std::uint32_t sharing_divisor = 4;

std::optional<layout::OverflowReference> reference_in(const LeafValue& value) {
  if (!value.is_overflow) return std::nullopt;
  return *overlay<layout::OverflowReference>(value.bytes.data());
}

bool lies_in(Bytes bytes, Bytes page) {
  return bytes.data() >= page.data() && bytes.data() < page.data() + page.size();
}

LeafSequence edited(LeafSequence sequence, std::uint32_t index, bool replaces, Bytes key,
                    const LeafValue& value) {
  if (replaces)
    sequence.with_replace(index, value);
  else
    sequence.with_insert(index, key, value);
  return sequence;
}

std::uint64_t entries_below(const BranchView& branch) {
  std::uint64_t entries = 0;
  for (std::uint32_t child = 0; child <= branch.count(); ++child) entries += branch.entries(child);
  return entries;
}

Fill fill_at(std::uint32_t index, std::uint32_t count, bool is_rightmost, bool is_leftmost) {
  if (is_rightmost && index == count) return Fill::left_full;
  if (is_leftmost && index == 0) return Fill::right_full;
  return Fill::even;
}

}  // namespace

Result<EditOutcome> TreeEditor::put(Bytes key, const LeafValue& value, PutMode mode) {
  if (path_state_ == PathState::at_end && mode != PutMode::replace_only && put_at_end(key, value)) {
    return EditOutcome{.found = false, .changed = true, .displaced = {}};
  }
  if (root_.page.is_none()) return put_at({0, false}, key, value, mode);
  const Result<Position> position = find(key);
  if (!position) return fail(position);
  // The caller may store again what it read in this leaf, or under a key that it read here. The
  // leaf's bytes move, and when it is cut its page may be used again before all is in its place.
  const Bytes leaf_bytes(path_[0].bytes, context_.pages.page_size());
  if (lies_in(value.bytes, leaf_bytes) || lies_in(key, leaf_bytes)) [[unlikely]] {
    const std::vector<std::byte> key_copy(key.begin(), key.end());
    const std::vector<std::byte> value_copy(value.bytes.begin(), value.bytes.end());
    return put_at(*position, key_copy, {value_copy, value.is_overflow}, mode);
  }
  return put_at(*position, key, value, mode);
}

Result<EditOutcome> TreeEditor::put_at(const Position& position, Bytes key, const LeafValue& value,
                                       PutMode mode) {
  Result<EditOutcome> outcome(std::in_place);
  outcome->found = position.found;
  const PutMode refused = position.found ? PutMode::insert_only : PutMode::replace_only;
  if (mode == refused) return outcome;

  outcome->changed = true;
  if (position.found) outcome->displaced = reference_in(leaf().value(position.index));
  if (has_path() && put_in_place(position, key, value)) return outcome;
  context_.arena.reserve(2 * (root_.level + 3U));
  if (root_.page.is_none()) {
    plant(key, value);
    return outcome;
  }
  if (!has_path()) {
    make_path_own();
    if (put_in_place(position, key, value)) return outcome;
  }
  path_state_ = PathState::unknown;
  settle_counts();
  if (put_by_appending(position, key, value) || put_by_sharing(position, key, value) ||
      put_by_splitting(position, key, value)) {
    return outcome;
  }

  // The leaf was cut beside the entry's place: now there is room in one of the parts.
  const Result<EditOutcome> retried = put(key, value, PutMode::upsert);
  if (!retried) outcome = fail(retried);
  return outcome;
}

Result<MutableBytes> TreeEditor::value_of_last(Bytes key) {
  if (!has_path()) {  // it went where there was room
    const Result<Position> position = find(key);
    if (!position) return fail(position);
    QUIRE_ASSERT(position->found);
  }
  const LeafValue value = leaf().value(path_[0].child);
  QUIRE_ASSERT(is_own(path_[0].ref) && !value.is_overflow);
  const MutableBytes leaf = page(Level{0});
  return leaf.subspan(static_cast<std::size_t>(value.bytes.data() - leaf.data()),
                      value.bytes.size());
}

/// The first entry of a table.
void TreeEditor::plant(Bytes key, const LeafValue& value) {
  root_.page = new_page();
  root_.level = 0;
  root_.entries = 1;
  LeafEditor::format(page(root_.page), root_.alignment());
  const bool fits = LeafEditor(page(root_.page)).insert(0, key, value);
  QUIRE_ASSERT(fits);
}

bool TreeEditor::put_in_place(const Position& position, Bytes key, const LeafValue& value) {
  LeafEditor editor(page(Level{0}));
  const bool done = position.found ? editor.replace(position.index, value)
                                   : editor.insert(position.index, key, value);
  if (!done) return false;
  if (!position.found) count_later(1);
  const bool is_at_end = position.index + 1 == leaf().count() && is_rightmost(1);
  path_state_ = is_at_end ? PathState::at_end : PathState::own;
  return true;
}

/// A new last entry of the table, in the leaf of the last one: nothing has to be looked for.
bool TreeEditor::put_at_end(Bytes key, const LeafValue& value) {
  LeafEditor editor(page(Level{0}));
  if (!editor.append(key, value)) return false;
  path_[0].child = leaf().count() - 1U;
  count_later(1);
  return true;
}

/// A new last key of the table, when the last leaf is full: that leaf stays as it is, and the keys
/// to come are taken to share its prefix.
bool TreeEditor::put_by_appending(const Position& position, Bytes key, const LeafValue& value) {
  if (position.found || position.index != leaf().count() || !is_rightmost(1)) return false;
  KeyBuffer last;
  const Split split{{path_[0].ref, leaf().count()},
                    {new_page(), 1},
                    shortest_separator(leaf().key(position.index - 1, last), key)};
  LeafEditor::format(page(split.right.ref), leaf(), key, value);
  raise_split(1, split, 1);
  return true;
}

/// Moves entries to or from a sibling of the arena with room, so that no page more is needed.
bool TreeEditor::put_by_sharing(const Position& position, Bytes key, const LeafValue& value) {
  if (root_.level == 0) return false;
  const std::uint32_t child = path_[1].child;
  const std::uint32_t page_size = context_.pages.page_size();
  const std::int64_t change = position.found ? 0 : 1;
  const auto has_room = [&](PageRef ref) {
    return ref.is_in_arena() && LeafEditor(page(ref)).free_size() >= page_size / sharing_divisor;
  };
  if (child > 0 && has_room(sibling(0, child - 1))) {
    const LeafView left(context_.arena.bytes(sibling(0, child - 1)), page_size);
    const LeafSequence both = edited(LeafSequence(left, leaf()), left.count() + position.index,
                                     position.found, key, value);
    if (share_between(child - 1, both, change)) return true;
  }
  if (child < branch(1).count() && has_room(sibling(0, child + 1))) {
    const LeafView right(context_.arena.bytes(sibling(0, child + 1)), page_size);
    const LeafSequence both =
        edited(LeafSequence(leaf(), right), position.index, position.found, key, value);
    return share_between(child, both, change);
  }
  return false;
}

/// Builds two siblings anew with what they hold together; false, with nothing changed, when the new
/// separator does not fit their branch.
bool TreeEditor::share_between(std::uint32_t left_child, const LeafSequence& sequence,
                               std::int64_t change) {
  const std::optional<std::uint32_t> cut = sequence.split_point(Fill::even);
  if (!cut) return false;
  KeyBuffer below;
  KeyBuffer above;
  const Bytes separator =
      shortest_separator(sequence.key(*cut - 1, below), sequence.key(*cut, above));
  BranchEditor parent = branch_editor(1);
  if (!parent.replace_separator(left_child, separator)) return false;

  const PageRef left = new_page();
  const PageRef right = new_page();
  sequence.build(0, *cut, page(left));
  sequence.build(*cut, sequence.count(), page(right));
  drop_page(sibling(0, left_child));
  drop_page(sibling(0, left_child + 1));
  parent.set_child(left_child, left);
  parent.set_entries(left_child, *cut);
  parent.set_child(left_child + 1, right);
  parent.set_entries(left_child + 1, sequence.count() - *cut);
  count_entries(2, change);
  return true;
}

/// False when the leaf had to be cut without the entry, which then still has to be put.
bool TreeEditor::put_by_splitting(const Position& position, Bytes key, const LeafValue& value) {
  const LeafSequence sequence =
      edited(LeafSequence(leaf()), position.index, position.found, key, value);
  const Fill fill = fill_at(position.index, leaf().count(), is_rightmost(1), is_leftmost(1));
  if (const std::optional<std::uint32_t> cut = sequence.split_point(fill)) {
    split_leaf(sequence, *cut, position.found ? 0 : 1);
    return true;
  }
  QUIRE_ASSERT(position.index > 0 && position.index < leaf().count());
  split_leaf(LeafSequence(leaf()), position.index, 0);
  return false;
}

void TreeEditor::split_leaf(const LeafSequence& sequence, std::uint32_t cut, std::int64_t change) {
  KeyBuffer below;
  KeyBuffer above;
  const Split split{{new_page(), cut},
                    {new_page(), sequence.count() - cut},
                    shortest_separator(sequence.key(cut - 1, below), sequence.key(cut, above))};
  sequence.build(0, cut, page(split.left.ref));
  sequence.build(cut, sequence.count(), page(split.right.ref));
  drop_page(path_[0].ref);
  raise_split(1, split, change);
}

/// A child of the branch at this level became two.
void TreeEditor::raise_split(Level level, const Split& split, std::int64_t change) {
  if (level > root_.level) {
    root_.entries = split.left.entries + split.right.entries;
    grow_root(split);
    return;
  }
  BranchEditor editor = branch_editor(level);
  const std::uint32_t child = path_[level].child;
  editor.set_child(child, split.left.ref);
  editor.set_entries(child, split.left.entries);
  if (editor.insert(child, split.separator, split.right))
    count_entries(static_cast<Level>(level + 1), change);
  else
    split_branch(level, split, change);
}

void TreeEditor::split_branch(Level level, const Split& split, std::int64_t change) {
  BranchSequence sequence(branch(level));
  const std::uint32_t child = path_[level].child;
  // The pages of the path below this one are gone already.
  const Fill fill = fill_at(child, branch(level).count(), is_rightmost(level), is_leftmost(level));
  sequence.with_insert(child, split.separator, split.right);
  const std::optional<std::uint32_t> cut = sequence.split_point(fill);
  QUIRE_ASSERT(cut.has_value());

  KeyBuffer buffer;
  const Bytes separator = sequence.separator(*cut, buffer);
  const PageRef left = new_page();
  const PageRef right = new_page();
  sequence.build(0, *cut, page(left), level);
  sequence.build(*cut + 1, sequence.count(), page(right), level);
  const auto entries = [&](PageRef ref) {
    return entries_below(BranchView(context_.arena.bytes(ref), context_.pages.page_size()));
  };
  const Split raised{{left, entries(left)}, {right, entries(right)}, separator};
  drop_page(path_[level].ref);
  raise_split(static_cast<Level>(level + 1), raised, change);
}

void TreeEditor::grow_root(const Split& split) {
  const PageRef root = new_page();
  ++root_.level;
  QUIRE_ASSERT(root_.level <= max_level);
  BranchEditor::format(page(root), root_.level, split.left);
  const bool fits = BranchEditor(page(root)).insert(0, split.separator, split.right);
  QUIRE_ASSERT(fits);
  root_.page = root;
}

}  // namespace quire
