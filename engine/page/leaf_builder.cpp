#include "quire/engine/page/leaf_builder.hpp"

#include <algorithm>

#include "quire/engine/page/leaf_writer.hpp"

namespace quire {

Bytes LeafBuilder::key(std::uint32_t index) const {
  const Item& item = items_[index];
  return Bytes(bytes_).subspan(item.offset, item.sizes.key);
}

LeafValue LeafBuilder::value(std::uint32_t index) const {
  const Item& item = items_[index];
  return {Bytes(bytes_).subspan(item.offset + item.sizes.key, item.sizes.value),
          item.sizes.is_overflow};
}

void LeafBuilder::clear() {
  items_.clear();
  bytes_.clear();
}

bool LeafBuilder::add(Bytes key, const LeafValue& value) {
  const EntrySizes sizes{static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(value.bytes.size()), value.is_overflow};
  const Shape shape = shape_with(key, sizes);
  if (size_of(shape, sizes) > body_size(page_size_)) {
    QUIRE_ASSERT(!items_.empty());
    return false;
  }
  items_.push_back({bytes_.size(), sizes});
  bytes_.insert(bytes_.end(), key.begin(), key.end());
  bytes_.insert(bytes_.end(), value.bytes.begin(), value.bytes.end());
  shape_ = shape;
  return true;
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
  const std::uint32_t tail = tail_size(sizes.key - shape.prefix_length);
  return heads_end(shape.prefix_length, entries) - header_size +
         entries * row_stride(tail, sizes.value, alignment_);
}

std::uint32_t LeafBuilder::footprint(const EntrySizes& sizes, std::uint32_t prefix_length) const {
  return entry_footprint(tail_size(sizes.key - prefix_length), sizes.value, alignment_);
}

void LeafBuilder::build(MutableBytes target) const {
  const Bytes prefix = key(0).first(shape_.prefix_length);
  LeafWriter writer(target, alignment_, prefix, count(), shape_.is_uniform);
  for (std::uint32_t index = 0; index < count(); ++index) writer.append(key(index), value(index));
  writer.finish();
}

}  // namespace quire
