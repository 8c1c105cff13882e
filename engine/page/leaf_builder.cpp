#include "quire/engine/page/leaf_builder.hpp"

#include <algorithm>
#include <utility>

#include "quire/engine/page/leaf_writer.hpp"

namespace quire {

void LeafBuilder::clear() {
  items_.clear();
  size_ = 0;
  room_ = 0;
}

void LeafBuilder::grow(std::size_t needed) {
  const std::size_t capacity = std::max<std::size_t>(2 * needed, page_size_);
  auto bytes = std::make_unique_for_overwrite<std::byte[]>(capacity);
  copy_bytes(bytes.get(), {bytes_.get(), size_});
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

bool LeafBuilder::add(Bytes key, const LeafValue& value) {
  const EntrySizes sizes{static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(value.bytes.size()), value.is_overflow};
  const Shape shape = shape_with(key, sizes);
  if (size_of(shape, sizes) > body_size(page_size_)) {
    QUIRE_ASSERT(!items_.empty());
    return false;
  }
  keep(key, value, sizes);
  shape_ = shape;
  foresee(key, sizes);
  return true;
}

/// How many there may be, if all that follow are like this one, the newest.
void LeafBuilder::foresee(Bytes key, const EntrySizes& sizes) {
  room_ = 0;
  if (!shape_.is_uniform) return;
  alike_ = sizes;
  alike_footprint_ = footprint(sizes, shape_.prefix_length);
  last_head_ = head_at(key, shape_.prefix_length);
  const auto size_of_rows = [&](std::uint32_t count) {
    return rows_size(shape_.prefix_length, sizes, count);
  };
  room_ = body_size(page_size_) / (size_of_rows(1) - size_of_rows(0));
  while (size_of_rows(room_) > body_size(page_size_)) --room_;
}

/// Body bytes of so many rows of entries like this one.
std::uint32_t LeafBuilder::rows_size(std::uint32_t prefix_length, const EntrySizes& sizes,
                                     std::uint32_t count) const {
  const std::uint32_t stride =
      row_stride(tail_size(sizes.key - prefix_length), sizes.value, alignment_);
  return heads_end(prefix_length, count) - header_size + count * stride;
}

LeafBuilder::Shape LeafBuilder::shape_with(Bytes key, const EntrySizes& sizes) const {
  if (items_.empty()) {
    const auto length = static_cast<std::uint32_t>(key.size());
    return {length, footprint(sizes, length), !sizes.is_overflow};
  }
  const Item& first = items_.front();
  Shape shape = shape_;
  shape.is_uniform = shape.is_uniform && !sizes.is_overflow && sizes.key == first.sizes.key &&
                     sizes.value == first.sizes.value;
  const Bytes prefix = this->key(0).first(shape.prefix_length);
  shape.prefix_length = static_cast<std::uint32_t>(shared_prefix(prefix, key));
  if (shape.prefix_length != shape_.prefix_length) {
    shape.heap_size = 0;
    for (const Item& item : items_) shape.heap_size += footprint(item.sizes, shape.prefix_length);
  }
  shape.heap_size += footprint(sizes, shape.prefix_length);
  return shape;
}

/// Body bytes of the leaf; `sizes` are those of the newest entry.
std::uint32_t LeafBuilder::size_of(const Shape& shape, const EntrySizes& sizes) const {
  const std::uint32_t entries = count() + 1;
  if (!shape.is_uniform)
    return slots_end(shape.prefix_length, entries) - header_size + shape.heap_size;
  return rows_size(shape.prefix_length, sizes, entries);
}

std::uint32_t LeafBuilder::footprint(const EntrySizes& sizes, std::uint32_t prefix_length) const {
  return entry_footprint(tail_size(sizes.key - prefix_length), sizes.value, alignment_);
}

void LeafBuilder::build(MutableBytes target) const {
  const Bytes prefix = key(0).first(shape_.prefix_length);
  LeafWriter writer(target, alignment_, prefix, count(), shape_.is_uniform);
  if (shape_.is_uniform) {
    writer.append_rows({bytes_.get(), size_}, items_.front().sizes);
  } else {
    for (std::uint32_t index = 0; index < count(); ++index) writer.append(key(index), value(index));
  }
  writer.finish();
}

}  // namespace quire
