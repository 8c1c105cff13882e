#include "quire/engine/page/branch_writer.hpp"

namespace quire {

BranchWriter::BranchWriter(MutableBytes page, const BranchShape& shape) noexcept
    : page_(page.data()),
      page_size_(static_cast<std::uint32_t>(page.size())),
      top_(page_size_),
      count_(shape.count) {
  const auto prefix_length = static_cast<std::uint32_t>(shape.prefix.size());
  const BranchArrays arrays(prefix_length, count_, shape.pure);
  std::memset(page_ + header_size, 0, body_size(page_size_));
  heads_ = overlay<U64le>(page_ + arrays.heads);
  children_ = overlay<U32le>(page_ + arrays.children);
  counts_ = overlay<U48le>(page_ + arrays.counts);
  slots_ = overlay<U16le>(page_ + arrays.slots);
  header().type = static_cast<std::uint8_t>(layout::PageType::branch);
  header().flags = static_cast<std::uint8_t>(shape.level | (shape.pure ? layout::branch_pure : 0));
  header().entry_count = narrow(count_);
  header().prefix_length = narrow(prefix_length);
  header().first = std::uint16_t{0};
  header().second = std::uint16_t{0};
  copy_bytes(page_ + header_size, shape.prefix);
}

void BranchWriter::append_child(Child child) noexcept {
  children_[next_] = child.ref.raw();
  counts_[next_] = child.entries;
}

void BranchWriter::append_separator(std::uint64_t head, const KeyRest& rest, bool plain) noexcept {
  heads_[next_] = head;
  if (!plain) {
    top_ -= branch_footprint(rest.remaining);
    write_branch_entry(page_, top_, rest);
    slots_[next_] = narrow(top_);
  }
  ++next_;
}

void BranchWriter::finish() noexcept {
  QUIRE_ASSERT(next_ == count_);
  header().first = narrow(page_size_ - top_);
  refresh_samples(page_, header().prefix_length, count_, 0);
}

}  // namespace quire
