// LeafBuilder: gathers entries that come in rising order until they fill a leaf, and writes it.
//
// It keeps copies of what it is given, since how a page looks depends on all its entries: on the
// prefix that their keys share, and on whether they may be rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "quire/engine/page/head.hpp"
#include "quire/engine/page/leaf_view.hpp"

namespace quire {

/// Not thread-safe.
class LeafBuilder {
 public:
  LeafBuilder(std::uint32_t page_size, std::uint32_t alignment)
      : page_size_(page_size), alignment_(alignment) {}

  /// False, and nothing changed, where the entry has no room beside those that are there. The key
  /// is above theirs; an entry that a leaf may have fits into an empty one.
  [[nodiscard]] bool add(Bytes key, const LeafValue& value);

  /// Adds an entry that is like the last one, and is seen at once to come behind it and to have
  /// room; false, and nothing changed, where it is not. For the many that are, much faster.
  [[nodiscard]] bool add_alike(Bytes key, Bytes value) {
    if (count() >= room_ || key.size() != alike_.key || value.size() != alike_.value) return false;
    if (!equal(key.first(shape_.prefix_length), this->key(0).first(shape_.prefix_length)))
      return false;
    const std::uint64_t head = head_at(key, shape_.prefix_length);
    if (head <= last_head_) return false;
    last_head_ = head;
    shape_.heap_size += alike_footprint_;
    keep(key, {value, false}, alike_);
    return true;
  }
  void clear();

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(items_.size()); }
  /// Valid until the next add() or clear().
  [[nodiscard]] Bytes key(std::uint32_t index) const {
    return {bytes_.get() + items_[index].offset, items_[index].sizes.key};
  }
  [[nodiscard]] LeafValue value(std::uint32_t index) const {
    const Item& item = items_[index];
    return {{bytes_.get() + item.offset + item.sizes.key, item.sizes.value},
            item.sizes.is_overflow};
  }

  /// Writes the leaf. Needs an entry. Sets what LeafEditor::format sets.
  void build(MutableBytes target) const;

 private:
  struct Item {
    std::size_t offset;  ///< of the key, which the value follows
    EntrySizes sizes;
  };
  /// What the leaf is like with one entry more.
  struct Shape {
    std::uint32_t prefix_length;
    std::uint32_t heap_size;  ///< of a general leaf
    bool is_uniform;          ///< so that it may be rows
  };

  [[nodiscard]] Shape shape_with(Bytes key, const EntrySizes& sizes) const;
  [[nodiscard]] std::uint32_t size_of(const Shape& shape, const EntrySizes& sizes) const;
  [[nodiscard]] std::uint32_t footprint(const EntrySizes& sizes, std::uint32_t prefix_length) const;
  [[nodiscard]] std::uint32_t rows_size(std::uint32_t prefix_length, const EntrySizes& sizes,
                                        std::uint32_t count) const;
  void foresee(Bytes key, const EntrySizes& sizes);
  void grow(std::size_t needed);
  void keep(Bytes key, const LeafValue& value, const EntrySizes& sizes) {
    const std::size_t end = size_ + sizes.key + sizes.value;
    if (end > capacity_) [[unlikely]]
      grow(end);
    items_.push_back({size_, sizes});
    copy_bytes(bytes_.get() + size_, key);
    copy_bytes(bytes_.get() + size_ + sizes.key, value.bytes);
    size_ = end;
  }

  std::uint32_t page_size_;
  std::uint32_t alignment_;
  Shape shape_{};
  std::vector<Item> items_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  // What add_alike() takes.
  EntrySizes alike_{};
  std::uint32_t alike_footprint_ = 0;
  std::uint32_t room_ = 0;  ///< for so many entries, if all are alike; 0: they are not
  std::uint64_t last_head_ = 0;
};

}  // namespace quire
