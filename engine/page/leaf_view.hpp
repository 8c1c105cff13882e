// LeafView: the entries of a leaf, in key order, whatever the leaf's type.
//
// A view reads bytes that passed check_page or were written by this folder; it checks nothing.
// Values are read in place, at the page's value alignment; keys are put together in a buffer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quire/engine/base/key_end.hpp"
#include "quire/engine/base/prefetch.hpp"
#include "quire/engine/page/geometry.hpp"
#include "quire/engine/page/head.hpp"
#include "quire/engine/page/key_buffer.hpp"
#include "quire/engine/page/page_view.hpp"
#include "quire/engine/page/search.hpp"

namespace quire {

/// What a leaf holds under a key: the value, or an OverflowReference (layout.hpp) to it.
struct LeafValue {
  Bytes bytes;
  bool is_overflow = false;
};

/// The index of the first entry that is not below the key, and whether it is the key's.
struct Position {
  std::uint32_t index;
  bool found;
};

/// The lengths of an entry, without its bytes.
struct EntrySizes {
  std::uint32_t key;
  std::uint32_t value;  ///< inline bytes: the value's or the reference's
  bool is_overflow;
};

/// Trivially copyable; does not own the bytes. Thread-safe to read.
class LeafView {
 public:
  LeafView(const std::byte* page, std::uint32_t page_size) noexcept
      : page_(page), page_size_(page_size) {}
  explicit LeafView(PageView page) noexcept : LeafView(page.bytes(), page.page_size()) {}

  [[nodiscard]] std::uint32_t count() const noexcept { return header().entry_count; }
  [[nodiscard]] Position find(Bytes key) const noexcept;
  /// Whether there are keys, and this one begins with their prefix and is above them all.
  [[nodiscard]] bool is_below(Bytes key) const noexcept;
  [[nodiscard]] LeafValue value(std::uint32_t index) const noexcept;
  /// Puts the key together in buffer; valid until the buffer is used again.
  [[nodiscard]] Bytes key(std::uint32_t index, KeyBuffer& buffer) const noexcept;

  [[nodiscard]] std::uint32_t alignment() const noexcept {
    return std::uint32_t{1} << (header().flags & layout::leaf_alignment_mask);
  }
  [[nodiscard]] bool is_rows() const noexcept {
    return header().type == static_cast<std::uint8_t>(layout::PageType::rows);
  }
  [[nodiscard]] std::uint32_t page_size() const noexcept { return page_size_; }
  [[nodiscard]] const layout::PageHeader& header() const noexcept {
    return *overlay<layout::PageHeader>(page_);
  }

  [[nodiscard]] Bytes prefix() const noexcept { return {page_ + header_size, prefix_length()}; }
  [[nodiscard]] std::uint32_t prefix_length() const noexcept { return header().prefix_length; }
  [[nodiscard]] Heads heads() const noexcept { return {page_, prefix_length(), count()}; }
  [[nodiscard]] KeyRest rest(std::uint32_t index) const noexcept;
  [[nodiscard]] EntrySizes sizes(std::uint32_t index) const noexcept;

  /// Bytes of the body in use, dead ones not counted.
  [[nodiscard]] std::uint32_t used_size() const noexcept;

  /// Asks for the entry's first line, for a caller that has something else to do first.
  void prefetch_value(std::uint32_t index) const noexcept {
    prefetch(is_rows() ? row(index) : entry(index));
  }

  // Where the editor finds things. The first two are of a general leaf, the others of rows.
  [[nodiscard]] std::uint32_t entry_offset(std::uint32_t index) const noexcept {
    const std::uint32_t slots = heads_end(prefix_length(), count());
    return overlay<U16le>(page_ + slots)[index];
  }
  [[nodiscard]] std::uint32_t footprint_begin(std::uint32_t index) const noexcept {
    return round_down(entry_offset(index), alignment());
  }
  [[nodiscard]] std::uint32_t row_offset(std::uint32_t index) const noexcept {
    return page_size_ - (index + 1) * stride();
  }
  [[nodiscard]] std::uint32_t stride() const noexcept {
    return row_stride(row_tail_size(), row_value_length(), alignment());
  }
  [[nodiscard]] std::uint32_t row_key_length() const noexcept { return header().first; }
  [[nodiscard]] std::uint32_t row_value_length() const noexcept { return header().second; }

 private:
  friend class LeafEntries;

  [[nodiscard]] Position find_in_run(Bytes key, std::uint32_t first) const noexcept;

  // A general leaf.
  [[nodiscard]] const std::byte* entry(std::uint32_t index) const noexcept {
    return page_ + entry_offset(index);
  }
  static const layout::LeafEntryHeader& entry_header(const std::byte* entry) noexcept {
    return *overlay<layout::LeafEntryHeader>(entry);
  }
  static KeyRest entry_rest(const std::byte* entry) noexcept {
    const std::uint32_t remaining = entry_header(entry).remaining_key;
    return {remaining, {entry + leaf_entry_header_size, tail_size(remaining)}};
  }
  static EntrySizes entry_sizes(const std::byte* entry, std::uint32_t prefix_length) noexcept {
    const layout::LeafEntryHeader& header = entry_header(entry);
    const std::uint32_t length = header.value_length;
    return {prefix_length + header.remaining_key, length & ~std::uint32_t{layout::overflow_bit},
            (length & layout::overflow_bit) != 0};
  }
  static LeafValue entry_value(const std::byte* entry) noexcept {
    const EntrySizes sizes = entry_sizes(entry, 0);
    const std::byte* const value = entry + leaf_entry_header_size + tail_size(sizes.key);
    return {{value, sizes.value}, sizes.is_overflow};
  }

  // A rows leaf.
  [[nodiscard]] std::uint32_t row_tail_size() const noexcept {
    return tail_size(row_key_length() - prefix_length());
  }
  [[nodiscard]] const std::byte* row(std::uint32_t index) const noexcept {
    return page_ + row_offset(index);
  }

  const std::byte* page_;
  std::uint32_t page_size_;
};

inline KeyRest LeafView::rest(std::uint32_t index) const noexcept {
  if (!is_rows()) return entry_rest(entry(index));
  return {row_key_length() - prefix_length(), {row(index) + row_value_length(), row_tail_size()}};
}

inline EntrySizes LeafView::sizes(std::uint32_t index) const noexcept {
  if (is_rows()) return {row_key_length(), row_value_length(), false};
  return entry_sizes(entry(index), prefix_length());
}

inline Position LeafView::find(Bytes key) const noexcept {
  const auto side = compare_with_prefix(key, prefix());
  if (side != 0) return {side < 0 ? 0 : count(), false};
  const std::uint64_t head = head_at(key, prefix_length());
  const Heads heads = this->heads();
  const std::uint32_t index = heads.lower_bound(head);
  if (index == heads.count() || heads[index] != head) return {index, false};
  const auto order = compare(rest(index), rest_at(key, prefix_length()));
  if (order >= 0) return {index, order == 0};
  return find_in_run(key, index + 1);
}

inline bool LeafView::is_below(Bytes key) const noexcept {
  if (count() == 0 || compare_with_prefix(key, prefix()) != 0) return false;
  const std::uint32_t last = count() - 1;
  const std::uint64_t head = head_at(key, prefix_length());
  if (heads()[last] != head) [[likely]]
    return heads()[last] < head;
  return compare(rest(last), rest_at(key, prefix_length())) < 0;
}

inline LeafValue LeafView::value(std::uint32_t index) const noexcept {
  if (!is_rows()) return entry_value(entry(index));
  return {{row(index), row_value_length()}, false};
}

inline Bytes LeafView::key(std::uint32_t index, KeyBuffer& buffer) const noexcept {
  const KeyRest key_rest = rest(index);
  buffer.set_prefix(prefix());
  return buffer.set_rest(heads()[index], key_rest.remaining, key_rest.tail.data());
}

/// The entries of one leaf for whoever reads many: what all share is looked up once. The leaf must
/// stay as it is. Trivially copyable. Thread-safe to read.
class LeafEntries {
 public:
  LeafEntries() = default;
  explicit LeafEntries(const LeafView& leaf) noexcept
      : page_(leaf.page_),
        prefix_length_(leaf.prefix_length()),
        count_(leaf.count()),
        heads_(overlay<U64le>(page_ + heads_offset(prefix_length_, count_))),
        end_(page_ + leaf.page_size()) {
    if (leaf.is_rows()) {
      stride_ = leaf.stride();
      row_sizes_ = {leaf.row_key_length(), leaf.row_value_length(), false};
    } else {
      slots_ = overlay<U16le>(page_ + heads_end(prefix_length_, count_));
    }
  }

  [[nodiscard]] bool is_rows() const noexcept { return slots_ == nullptr; }
  /// Needs rows.
  [[nodiscard]] const EntrySizes& row_sizes() const noexcept { return row_sizes_; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint32_t prefix_length() const noexcept { return prefix_length_; }
  [[nodiscard]] Bytes prefix() const noexcept { return {page_ + header_size, prefix_length_}; }
  [[nodiscard]] std::uint64_t head(std::uint32_t index) const noexcept { return heads_[index]; }
  [[nodiscard]] const U64le* heads() const noexcept { return heads_; }
  /// From a place in the page to its end.
  [[nodiscard]] std::size_t size_from(const std::byte* place) const noexcept {
    return static_cast<std::size_t>(end_ - place);
  }

  /// The bytes of the rows [begin, end), which lie the other way round. Needs rows.
  [[nodiscard]] Bytes rows(std::uint32_t begin, std::uint32_t end) const noexcept {
    return {end_ - std::size_t{end} * stride_, std::size_t{end - begin} * stride_};
  }

  /// All that one entry takes of the heap, padding included.
  struct Footprint {
    Bytes bytes;
    std::uint32_t entry_offset;  ///< where in it the entry begins
  };
  /// Needs a general leaf.
  [[nodiscard]] Footprint footprint(std::uint32_t index, std::uint32_t alignment) const noexcept {
    const std::uint32_t offset = slots_[index];
    const std::uint32_t begin = round_down(offset, alignment);
    const EntrySizes sizes = LeafView::entry_sizes(page_ + offset, 0);
    const std::uint32_t size = entry_footprint(tail_size(sizes.key), sizes.value, alignment);
    return {{page_ + begin, size}, offset - begin};
  }

  [[nodiscard, gnu::always_inline]] KeyRest rest(std::uint32_t index) const noexcept {
    if (!is_rows()) return LeafView::entry_rest(page_ + slots_[index]);
    const std::uint32_t remaining = row_sizes_.key - prefix_length_;
    return {remaining, {row(index) + row_sizes_.value, tail_size(remaining)}};
  }
  [[nodiscard, gnu::always_inline]] LeafValue value(std::uint32_t index) const noexcept {
    // Two results put together from plain numbers: compilers keep these in registers.
    const std::byte* begin = nullptr;
    std::uint32_t size = row_sizes_.value;
    bool is_overflow = false;
    if (is_rows()) {
      begin = row(index);
    } else {
      const std::byte* const entry = page_ + slots_[index];
      const EntrySizes sizes = LeafView::entry_sizes(entry, 0);
      begin = entry + leaf_entry_header_size + tail_size(sizes.key);
      size = sizes.value;
      is_overflow = sizes.is_overflow;
    }
    return {{begin, size}, is_overflow};
  }
  /// Whether the values of rows begin at such places in memory.
  [[nodiscard]] bool are_rows_at(std::uint32_t alignment) const noexcept {
    return is_aligned({end_, 0}, alignment) && stride_ % alignment == 0;
  }
  /// Needs rows.
  [[nodiscard, gnu::always_inline]] Bytes row_value(std::uint32_t index) const noexcept {
    return {row(index), row_sizes_.value};
  }
  [[nodiscard]] EntrySizes sizes(std::uint32_t index) const noexcept {
    if (!is_rows()) return LeafView::entry_sizes(page_ + slots_[index], prefix_length_);
    return row_sizes_;
  }

 private:
  [[nodiscard]] const std::byte* row(std::uint32_t index) const noexcept {
    return end_ - std::size_t{index + 1} * stride_;
  }

  const std::byte* page_ = nullptr;
  std::uint32_t prefix_length_ = 0;
  std::uint32_t count_ = 0;
  const U64le* heads_ = nullptr;
  const std::byte* end_ = nullptr;  ///< of the page
  const U16le* slots_ = nullptr;    ///< none in rows
  std::uint32_t stride_ = 0;
  EntrySizes row_sizes_{};
};

/// Reads one leaf's entries one after the other, keys included. Not thread-safe.
class LeafReader {
 public:
  /// The leaf must stay as it is until another is entered.
  void enter(const LeafView& leaf) noexcept {
    entries_ = LeafEntries(leaf);
    buffer_.set_prefix(entries_.prefix());
    const std::uint32_t rest =
        entries_.is_rows() ? entries_.row_sizes().key - entries_.prefix_length() : 0;
    spelled_rest_ = rest <= layout::head_size ? rest : 0;
  }

  [[nodiscard]] std::uint32_t count() const noexcept { return entries_.count(); }
  /// Valid until the next call of key or enter.
  [[nodiscard, gnu::always_inline]] Bytes key(std::uint32_t index) noexcept {
    if (spelled_rest_ != 0) return buffer_.set_head(entries_.head(index), spelled_rest_);
    return key_with_tail(index);
  }
  /// What the key has behind the prefix, which all keys of the leaf share.
  [[nodiscard, gnu::always_inline]] KeyEnd key_end(std::uint32_t index) const noexcept {
    KeyEnd end{entries_.prefix_length(), spelled_rest_, {}, nullptr, 0, buffer_.front()};
    write_head(end.front.data(), entries_.head(index));
    if (spelled_rest_ != 0) [[likely]]
      return end;
    const KeyRest rest = entries_.rest(index);
    end.size = rest.remaining;
    end.tail = rest.tail.data();
    end.readable = entries_.size_from(rest.tail.data());
    return end;
  }
  [[nodiscard, gnu::always_inline]] LeafValue value(std::uint32_t index) const noexcept {
    return entries_.value(index);
  }

  /// Whether the leaf's entries are rows with keys of this size, which their heads spell, and
  /// values of one size at this alignment: then the calls below do.
  [[nodiscard]] bool has_rows_of(std::size_t key_size, std::uint32_t alignment) const noexcept {
    return spelled_rest_ != 0 && entries_.row_sizes().key == key_size &&
           entries_.are_rows_at(alignment);
  }
  [[nodiscard, gnu::always_inline]] KeyEnd row_key_end(std::uint32_t index,
                                                       std::size_t key_size) const noexcept {
    const std::size_t kept = entries_.prefix_length();
    KeyEnd end{kept, key_size - kept, {}, nullptr, 0, buffer_.front()};
    write_head(end.front.data(), entries_.head(index));
    return end;
  }
  [[nodiscard, gnu::always_inline]] Bytes row_value(std::uint32_t index) const noexcept {
    return entries_.row_value(index);
  }

 private:
  [[gnu::noinline]] Bytes key_with_tail(std::uint32_t index) noexcept {
    const KeyRest rest = entries_.rest(index);
    return buffer_.set_rest(entries_.head(index), rest.remaining, rest.tail.data());
  }

  LeafEntries entries_;
  std::uint32_t spelled_rest_ = 0;  ///< what follows the prefix in every key, where heads spell it
  KeyBuffer buffer_;
};

}  // namespace quire
