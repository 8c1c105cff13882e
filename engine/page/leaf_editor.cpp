#include "quire/engine/page/leaf_editor.hpp"

#include "quire/engine/page/leaf_sequence.hpp"
#include "quire/engine/page/leaf_writer.hpp"
#include "quire/engine/page/verify.hpp"

namespace quire {

void LeafEditor::format(MutableBytes page, std::uint32_t value_alignment) noexcept {
  LeafWriter(page, value_alignment, {}, 0, false).finish();
}

void LeafEditor::format(MutableBytes page, const LeafView& before, Bytes key,
                        const LeafValue& value) noexcept {
  const Bytes prefix = key.first(shared_prefix(before.prefix(), key));
  const bool rows = before.is_rows() && !value.is_overflow;
  LeafWriter writer(page, before.alignment(), prefix, 1, rows);
  writer.append(key, value);
  writer.finish();
  QUIRE_AUDIT(LeafEditor(page).is_sound());
}

bool LeafEditor::is_sound() const noexcept { return !check_body(page_); }

// ---- Insert

bool LeafEditor::insert(std::uint32_t index, Bytes key, const LeafValue& value) noexcept {
  QUIRE_ASSERT(index <= view().count());
  const bool done = insert_in_place(index, key, value) ||
                    rebuild(LeafSequence(view()).with_insert(index, key, value));
  QUIRE_AUDIT(is_sound());
  return done;
}

bool LeafEditor::insert_in_place(std::uint32_t index, Bytes key, const LeafValue& value) noexcept {
  // An empty leaf has no shape yet; built anew, it gets that of its first entry.
  if (view().count() == 0 || compare_with_prefix(key, view().prefix()) != 0) return false;
  return insert_in_its_kind(index, key, value);
}

bool LeafEditor::append(Bytes key, const LeafValue& value) noexcept {
  const bool done = view().is_below(key) && insert_in_its_kind(view().count(), key, value);
  QUIRE_AUDIT(is_sound());
  return done;
}

bool LeafEditor::insert_row(std::uint32_t index, Bytes key, const LeafValue& value) noexcept {
  const LeafView leaf = view();
  if (value.is_overflow || key.size() != leaf.row_key_length() ||
      value.bytes.size() != leaf.row_value_length()) {
    return false;
  }
  const std::uint32_t count = leaf.count();
  const std::uint32_t stride = leaf.stride();
  const std::uint32_t prefix_length = leaf.prefix_length();
  const std::uint32_t page_size = leaf.page_size();
  if (heads_end(prefix_length, count + 1) + (count + 1) * stride > page_size) return false;
  std::byte* const lowest = page_.data() + page_size - count * stride;
  if (index < count) std::memmove(lowest - stride, lowest, std::size_t{count - index} * stride);
  std::byte* const row = page_.data() + page_size - (index + 1) * stride;
  write_row(row, tail_at(key, prefix_length), value.bytes);
  open_gap(page_.data(),
           {heads_offset(prefix_length, count), heads_offset(prefix_length, count + 1),
            layout::head_size},
           count, index);
  open_head(index, head_at(key, prefix_length));
  return true;
}

bool LeafEditor::insert_entry(std::uint32_t index, Bytes key, const LeafValue& value) noexcept {
  const LeafView leaf = view();
  const std::uint32_t count = leaf.count();
  const std::uint32_t prefix_length = leaf.prefix_length();
  const std::uint32_t page_size = leaf.page_size();
  const KeyRest rest = rest_at(key, prefix_length);
  const std::uint32_t heap_size =
      header().first + entry_footprint(tail_size(rest.remaining),
                                       static_cast<std::uint32_t>(value.bytes.size()),
                                       leaf.alignment());
  if (slots_end(prefix_length, count + 1) + heap_size > page_size) return false;
  header().first = narrow(heap_size);
  const std::uint32_t slot =
      write_entry(page_.data(), page_size - heap_size, rest, value, leaf.alignment());
  const std::uint32_t slots = heads_end(prefix_length, count + 1);
  open_gap(page_.data(), {heads_end(prefix_length, count), slots, slot_size}, count, index);
  overlay<U16le>(page_.data() + slots)[index] = narrow(slot);
  open_gap(page_.data(),
           {heads_offset(prefix_length, count), heads_offset(prefix_length, count + 1),
            layout::head_size},
           count, index);
  open_head(index, head_at(key, prefix_length));
  return true;
}

/// Completes an insertion for which the arrays have been opened.
void LeafEditor::open_head(std::uint32_t index, std::uint64_t head) noexcept {
  const std::uint32_t count = view().count() + 1;
  const std::uint32_t prefix_length = view().prefix_length();
  header().entry_count = narrow(count);
  overlay<U64le>(page_.data() + heads_offset(prefix_length, count))[index] = head;
  refresh_samples_after(page_.data(), prefix_length, count, index);
}

// ---- Replace

bool LeafEditor::replace(std::uint32_t index, const LeafValue& value) noexcept {
  QUIRE_ASSERT(index < view().count());
  const bool done = (view().is_rows() ? replace_row(index, value) : replace_entry(index, value)) ||
                    rebuild(LeafSequence(view()).with_replace(index, value));
  QUIRE_AUDIT(is_sound());
  return done;
}

bool LeafEditor::replace_row(std::uint32_t index, const LeafValue& value) noexcept {
  const LeafView leaf = view();
  if (value.is_overflow || value.bytes.size() != leaf.row_value_length()) return false;
  copy_bytes(page_.data() + leaf.row_offset(index), value.bytes);
  return true;
}

bool LeafEditor::replace_entry(std::uint32_t index, const LeafValue& value) noexcept {
  const LeafView leaf = view();
  const std::uint32_t alignment = leaf.alignment();
  const KeyRest rest = leaf.rest(index);
  const auto tail = static_cast<std::uint32_t>(rest.tail.size());
  const auto size = static_cast<std::uint32_t>(value.bytes.size());
  const std::uint32_t base = leaf.footprint_begin(index);
  const std::uint32_t old_footprint = entry_footprint(tail, leaf.sizes(index).value, alignment);
  const std::uint32_t footprint = entry_footprint(tail, size, alignment);
  if (footprint <= old_footprint) {
    // The key stays where it is; what the value no longer takes, above it, is dead.
    write_value(page_.data() + leaf.entry_offset(index), value);
    header().second = narrow(header().second + old_footprint - footprint);
    return true;
  }
  const std::uint32_t heap_size = header().first + footprint;
  if (slots_end(leaf.prefix_length(), leaf.count()) + heap_size > leaf.page_size()) return false;
  header().first = narrow(heap_size);
  const std::uint32_t slot =
      write_entry(page_.data(), leaf.page_size() - heap_size, rest, value, alignment);
  overlay<U16le>(page_.data() + heads_end(leaf.prefix_length(), leaf.count()))[index] =
      narrow(slot);
  release(base, old_footprint);
  return true;
}

// ---- Erase

void LeafEditor::erase(std::uint32_t index) noexcept {
  QUIRE_ASSERT(index < view().count());
  if (view().is_rows()) {
    erase_row(index);
  } else {
    erase_entry(index);
  }
  QUIRE_AUDIT(is_sound());
}

void LeafEditor::erase_row(std::uint32_t index) noexcept {
  const LeafView leaf = view();
  const std::uint32_t stride = leaf.stride();
  std::byte* const lowest = page_.data() + leaf.page_size() - leaf.count() * stride;
  std::memmove(lowest + stride, lowest, std::size_t{leaf.count() - index - 1} * stride);
  close_head(index);
}

void LeafEditor::erase_entry(std::uint32_t index) noexcept {
  const LeafView leaf = view();
  const std::uint32_t count = leaf.count();
  const EntrySizes sizes = leaf.sizes(index);
  const std::uint32_t tail = tail_size(sizes.key - leaf.prefix_length());
  release(leaf.footprint_begin(index), entry_footprint(tail, sizes.value, leaf.alignment()));
  close_head(index);
  close_gap(page_.data(),
            {heads_end(leaf.prefix_length(), count), heads_end(leaf.prefix_length(), count - 1),
             slot_size},
            count, index);
}

/// Takes the entry's head away; slots, which lie behind the heads, are still where they were.
void LeafEditor::close_head(std::uint32_t index) noexcept {
  const std::uint32_t count = view().count();
  const std::uint32_t prefix_length = view().prefix_length();
  close_gap(page_.data(),
            {heads_offset(prefix_length, count), heads_offset(prefix_length, count - 1),
             layout::head_size},
            count, index);
  header().entry_count = narrow(count - 1);
  refresh_samples(page_.data(), prefix_length, count - 1, index);
}

/// Gives bytes of the heap back: those at its lower end at once, others as dead ones.
void LeafEditor::release(std::uint32_t base, std::uint32_t footprint) noexcept {
  if (base == page_.size() - header().first) {
    header().first = narrow(header().first - footprint);
  } else {
    header().second = narrow(header().second + footprint);
  }
}

// ---- Sizes and rebuilding

std::uint32_t LeafEditor::used_size() const noexcept { return view().used_size(); }

std::uint32_t LeafEditor::free_size() const noexcept {
  return body_size(view().page_size()) - used_size();
}

bool LeafEditor::rebuild(const LeafSequence& content) noexcept {
  alignas(layout::max_value_alignment) std::byte room[layout::max_page_size];
  const MutableBytes scratch(room, page_.size());
  copy_bytes(room, Bytes(page_).first(header_size));
  if (!content.build_as_before(scratch)) return false;
  copy_bytes(page_.data(), scratch);
  return true;
}

}  // namespace quire
