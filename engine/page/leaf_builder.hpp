// LeafBuilder: gathers entries that come in rising order until they fill a leaf, and writes it.
//
// It keeps copies of what it is given, since how a page looks depends on all its entries: on the
// prefix that their keys share, and on whether they may be rows.
#pragma once

#include <cstdint>
#include <vector>

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
  void clear();

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(items_.size()); }
  /// Valid until the next add() or clear().
  [[nodiscard]] Bytes key(std::uint32_t index) const;
  [[nodiscard]] LeafValue value(std::uint32_t index) const;

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

  std::uint32_t page_size_;
  std::uint32_t alignment_;
  Shape shape_{};
  std::vector<Item> items_;
  std::vector<std::byte> bytes_;
};

}  // namespace quire
