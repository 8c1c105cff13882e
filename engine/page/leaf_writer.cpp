#include "quire/engine/page/leaf_writer.hpp"

#include <bit>

namespace quire {

LeafWriter::LeafWriter(MutableBytes page, std::uint32_t alignment, Bytes prefix,
                       std::uint32_t count, bool rows) noexcept
    : page_(page.data()),
      alignment_(alignment),
      prefix_length_(static_cast<std::uint32_t>(prefix.size())),
      page_size_(static_cast<std::uint32_t>(page.size())),
      top_(page_size_),
      count_(count),
      rows_(rows) {
  std::memset(page_ + header_size, 0, body_size(page_size_));
  heads_ = overlay<U64le>(page_ + heads_offset(prefix_length_, count));
  slots_ = overlay<U16le>(page_ + heads_end(prefix_length_, count));
  header().type = static_cast<std::uint8_t>(rows ? layout::PageType::rows : layout::PageType::leaf);
  header().flags = static_cast<std::uint8_t>(std::countr_zero(alignment));
  header().entry_count = narrow(count);
  header().prefix_length = narrow(prefix_length_);
  header().first = std::uint16_t{0};
  header().second = std::uint16_t{0};
  copy_bytes(page_ + header_size, prefix);
}

void LeafWriter::append(Bytes key, LeafValue value) noexcept {
  append(head_at(key, prefix_length_), rest_at(key, prefix_length_), value);
}

void LeafWriter::append(std::uint64_t head, const KeyRest& rest, LeafValue value) noexcept {
  const auto tail = static_cast<std::uint32_t>(rest.tail.size());
  const auto value_size = static_cast<std::uint32_t>(value.bytes.size());
  heads_[next_] = head;
  if (rows_) {
    top_ -= row_stride(tail, value_size, alignment_);
    write_row(page_ + top_, rest.tail, value.bytes);
    header().first = narrow(prefix_length_ + rest.remaining);
    header().second = narrow(value_size);
  } else {
    top_ -= entry_footprint(tail, value_size, alignment_);
    slots_[next_] = narrow(write_entry(page_, top_, rest, value, alignment_));
  }
  ++next_;
}

void LeafWriter::append_rows(Bytes entries, const EntrySizes& sizes) noexcept {
  const std::size_t entry_size = std::size_t{sizes.key} + sizes.value;
  const std::uint32_t tail = tail_size(sizes.key - prefix_length_);
  const std::uint32_t stride = row_stride(tail, sizes.value, alignment_);
  for (std::size_t at = 0; at < entries.size(); at += entry_size) {
    const Bytes key = entries.subspan(at, sizes.key);
    heads_[next_++] = head_at(key, prefix_length_);
    top_ -= stride;
    write_row(page_ + top_, key.last(tail), entries.subspan(at + sizes.key, sizes.value));
  }
  header().first = narrow(sizes.key);
  header().second = narrow(sizes.value);
}

void LeafWriter::append(const LeafEntries& source, std::uint32_t begin,
                        std::uint32_t end) noexcept {
  if (source.prefix_length() == prefix_length_ && source.is_rows() == rows_) {
    rows_ ? copy_rows(source, begin, end) : copy_entries(source, begin, end);
    return;
  }
  KeyBuffer buffer;
  buffer.set_prefix(source.prefix());
  for (std::uint32_t i = begin; i < end; ++i) {
    const KeyRest rest = source.rest(i);
    append(buffer.set_rest(source.head(i), rest.remaining, rest.tail.data()), source.value(i));
  }
}

void LeafWriter::copy_rows(const LeafEntries& source, std::uint32_t begin,
                           std::uint32_t end) noexcept {
  const Bytes rows = source.rows(begin, end);
  top_ -= static_cast<std::uint32_t>(rows.size());
  copy_bytes(page_ + top_, rows);
  std::memcpy(heads_ + next_, source.heads() + begin, (end - begin) * sizeof(U64le));
  next_ += end - begin;
  header().first = narrow(source.row_sizes().key);
  header().second = narrow(source.row_sizes().value);
}

void LeafWriter::copy_entries(const LeafEntries& source, std::uint32_t begin,
                              std::uint32_t end) noexcept {
  std::memcpy(heads_ + next_, source.heads() + begin, (end - begin) * sizeof(U64le));
  for (std::uint32_t i = begin; i < end; ++i) {
    const LeafEntries::Footprint footprint = source.footprint(i, alignment_);
    top_ -= static_cast<std::uint32_t>(footprint.bytes.size());
    copy_bytes(page_ + top_, footprint.bytes);
    slots_[next_++] = narrow(top_ + footprint.entry_offset);
  }
}

void LeafWriter::finish() noexcept {
  QUIRE_ASSERT(next_ == count_);
  if (!rows_) header().first = narrow(page_size_ - top_);
  refresh_samples(page_, prefix_length_, count_, 0);
}

}  // namespace quire
