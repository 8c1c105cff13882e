#include "quire/engine/page/leaf_writer.hpp"

#include <bit>

namespace quire {

LeafWriter::LeafWriter(MutableBytes page, std::uint32_t alignment, Bytes prefix,
                       std::uint32_t count, bool rows) noexcept
    : page_(page.data()),
      alignment_(alignment),
      page_size_(static_cast<std::uint32_t>(page.size())),
      top_(page_size_),
      count_(count),
      rows_(rows) {
  std::memset(page_ + header_size, 0, body_size(page_size_));
  const auto prefix_length = static_cast<std::uint32_t>(prefix.size());
  heads_ = overlay<U64le>(page_ + heads_offset(prefix_length, count));
  slots_ = overlay<U16le>(page_ + heads_end(prefix_length, count));
  header().type = static_cast<std::uint8_t>(rows ? layout::PageType::rows : layout::PageType::leaf);
  header().flags = static_cast<std::uint8_t>(std::countr_zero(alignment));
  header().entry_count = narrow(count);
  header().prefix_length = narrow(prefix_length);
  header().first = std::uint16_t{0};
  header().second = std::uint16_t{0};
  copy_bytes(page_ + header_size, prefix);
}

void LeafWriter::append(std::uint64_t head, const KeyRest& rest, LeafValue value) noexcept {
  heads_[next_] = head;
  const auto tail = static_cast<std::uint32_t>(rest.tail.size());
  const auto value_size = static_cast<std::uint32_t>(value.bytes.size());
  if (rows_) {
    top_ -= row_stride(tail, value_size, alignment_);
    write_row(page_ + top_, rest.tail, value.bytes);
    header().first = narrow(header().prefix_length + rest.remaining);
    header().second = narrow(value_size);
  } else {
    top_ -= entry_footprint(tail, value_size, alignment_);
    slots_[next_] = narrow(write_entry(page_, top_, rest, value, alignment_));
  }
  ++next_;
}

void LeafWriter::finish() noexcept {
  QUIRE_ASSERT(next_ == count_);
  if (!rows_) header().first = narrow(page_size_ - top_);
  refresh_samples(page_, header().prefix_length, count_, 0);
}

}  // namespace quire
