#include "quire/engine/page/branch_editor.hpp"

#include "quire/engine/page/branch_sequence.hpp"
#include "quire/engine/page/branch_writer.hpp"
#include "quire/engine/page/verify.hpp"

namespace quire {

void BranchEditor::format(MutableBytes page, Level level, Child only_child) noexcept {
  QUIRE_ASSERT(level > 0 && level <= max_level);
  BranchWriter writer(page, {level, true, 0, {}});
  writer.append_child(only_child);
  writer.finish();
}

bool BranchEditor::is_sound() const noexcept { return !check_body(page_); }

void BranchEditor::set_child(std::uint32_t index, PageRef ref) noexcept {
  QUIRE_ASSERT(index <= view().count());
  overlay<U32le>(page_.data() + view().arrays().children)[index] = ref.raw();
}

void BranchEditor::set_entries(std::uint32_t index, std::uint64_t entries) noexcept {
  QUIRE_ASSERT(index <= view().count());
  overlay<U48le>(page_.data() + view().arrays().counts)[index] = entries;
}

// ---- Insert

bool BranchEditor::insert(std::uint32_t index, Bytes separator, Child right) noexcept {
  QUIRE_ASSERT(index <= view().count());
  const bool done = insert_in_place(index, separator, right) ||
                    rebuild(BranchSequence(view()).with_insert(index, separator, right));
  QUIRE_AUDIT(is_sound());
  return done;
}

bool BranchEditor::insert_in_place(std::uint32_t index, Bytes separator, Child right) noexcept {
  const BranchView branch = view();
  // The first separator gives the page its prefix.
  if (branch.count() == 0 || compare_with_prefix(separator, branch.prefix()) != 0) return false;
  const std::uint32_t prefix_length = branch.prefix_length();
  const bool plain = is_plain(separator, prefix_length);
  if (branch.is_pure() && !plain) return false;
  const KeyRest rest = rest_at(separator, prefix_length);
  const std::uint32_t footprint = plain ? 0 : branch_footprint(rest.remaining);
  const BranchArrays arrays(prefix_length, branch.count() + 1, branch.is_pure());
  if (arrays.end + header().first + footprint > branch.page_size()) return false;
  open_arrays(index);
  overlay<U64le>(page_.data() + arrays.heads)[index] = head_at(separator, prefix_length);
  refresh_samples_after(page_.data(), prefix_length, view().count(), index);
  if (!branch.is_pure()) slots()[index] = narrow(plain ? 0 : add_entry(rest));
  set_child(index + 1, right.ref);
  set_entries(index + 1, right.entries);
  return true;
}

void BranchEditor::open_arrays(std::uint32_t index) noexcept {
  const BranchView branch = view();
  const std::uint32_t count = branch.count();
  const BranchArrays from = branch.arrays();
  const BranchArrays to(branch.prefix_length(), count + 1, branch.is_pure());
  std::byte* const page = page_.data();
  if (!branch.is_pure()) open_gap(page, {from.slots, to.slots, slot_size}, count, index);
  open_gap(page, {from.counts, to.counts, child_count_size}, count + 1, index + 1);
  open_gap(page, {from.children, to.children, child_size}, count + 1, index + 1);
  open_gap(page, {from.heads, to.heads, layout::head_size}, count, index);
  header().entry_count = narrow(count + 1);
}

std::uint32_t BranchEditor::add_entry(const KeyRest& rest) noexcept {
  const std::uint32_t heap_size = header().first + branch_footprint(rest.remaining);
  const std::uint32_t offset = view().page_size() - heap_size;
  header().first = narrow(heap_size);
  write_branch_entry(page_.data(), offset, rest);
  return offset;
}

// ---- Erase

void BranchEditor::erase_child(std::uint32_t index) noexcept {
  QUIRE_ASSERT(view().count() > 0 && index <= view().count());
  const std::uint32_t separator = index == 0 ? 0 : index - 1;
  release_entry(separator);
  close_arrays(separator, index);
  refresh_samples(page_.data(), view().prefix_length(), view().count(), separator);
  QUIRE_AUDIT(is_sound());
}

void BranchEditor::close_arrays(std::uint32_t separator, std::uint32_t child) noexcept {
  const BranchView branch = view();
  const std::uint32_t count = branch.count();
  const BranchArrays from = branch.arrays();
  const BranchArrays to(branch.prefix_length(), count - 1, branch.is_pure());
  std::byte* const page = page_.data();
  close_gap(page, {from.heads, to.heads, layout::head_size}, count, separator);
  close_gap(page, {from.children, to.children, child_size}, count + 1, child);
  close_gap(page, {from.counts, to.counts, child_count_size}, count + 1, child);
  if (!branch.is_pure()) close_gap(page, {from.slots, to.slots, slot_size}, count, separator);
  header().entry_count = narrow(count - 1);
}

/// Gives a separator's entry back, at once where it is the lowest of the heap.
void BranchEditor::release_entry(std::uint32_t index) noexcept {
  const std::uint32_t offset = view().entry_offset(index);
  if (offset == 0) return;
  const std::uint32_t footprint = branch_footprint(view().rest(index).remaining);
  if (offset == page_.size() - header().first) {
    header().first = narrow(header().first - footprint);
  } else {
    header().second = narrow(header().second + footprint);
  }
}

// ---- Replace

bool BranchEditor::replace_separator(std::uint32_t index, Bytes separator) noexcept {
  QUIRE_ASSERT(index < view().count());
  const bool done = replace_in_place(index, separator) ||
                    rebuild(BranchSequence(view()).with_separator(index, separator));
  QUIRE_AUDIT(is_sound());
  return done;
}

bool BranchEditor::replace_in_place(std::uint32_t index, Bytes separator) noexcept {
  const BranchView branch = view();
  if (compare_with_prefix(separator, branch.prefix()) != 0) return false;
  const std::uint32_t prefix_length = branch.prefix_length();
  const bool plain = is_plain(separator, prefix_length);
  if (branch.is_pure() && !plain) return false;
  const KeyRest rest = rest_at(separator, prefix_length);
  const std::uint32_t footprint = plain ? 0 : branch_footprint(rest.remaining);
  if (branch.arrays().end + header().first + footprint > branch.page_size()) return false;
  if (!branch.is_pure()) {
    release_entry(index);
    slots()[index] = narrow(plain ? 0 : add_entry(rest));
  }
  overlay<U64le>(page_.data() + branch.arrays().heads)[index] = head_at(separator, prefix_length);
  refresh_samples(page_.data(), prefix_length, branch.count(), index);
  return true;
}

// ---- Sizes and rebuilding

std::uint32_t BranchEditor::used_size() const noexcept { return view().used_size(); }

std::uint32_t BranchEditor::free_size() const noexcept {
  return body_size(view().page_size()) - used_size();
}

bool BranchEditor::rebuild(const BranchSequence& content) noexcept {
  if (!content.fits(0, content.count())) return false;
  std::byte room[layout::max_page_size];
  const MutableBytes scratch(room, page_.size());
  copy_bytes(room, Bytes(page_).first(header_size));
  content.build(0, content.count(), scratch, view().level());
  copy_bytes(page_.data(), scratch);
  return true;
}

}  // namespace quire
