// The layout of rkyv 0.8 archives (default features): positions, pointers, texts, hash tables and
// tree nodes, as far as they do not depend on the types in them.
//
// Little-endian, aligned, pointers and lengths of 32 bits. An archive is the bytes of one value:
// the root object is its last, and what an object owns lies before the object. Source: the layout
// that the rkyv crate (https://rkyv.org) writes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "quire/engine/base/bytes.hpp"

namespace quire::rkyv {

static_assert(std::endian::native == std::endian::little, "archives are read as they lie");

/// A number of T's size, wherever it lies.
template <class T>
T load(const std::byte* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// x, rounded up to a multiple of align.
constexpr std::uint64_t round_up(std::uint64_t x, std::uint64_t align) noexcept {
  return (x + align - 1) / align * align;
}

/// Size and alignment of an archived type.
struct Extent {
  std::uint64_t size = 0;
  std::uint64_t align = 1;
};

/// Parts laid out one after the other, as a C compiler does.
class StructLayout {
 public:
  /// Part of something that has used so many bytes already: the tag of an enum.
  constexpr explicit StructLayout(std::uint64_t used = 0) noexcept : end_(used) {}
  /// Where the next part lies.
  constexpr std::uint64_t add(Extent part) noexcept {
    const std::uint64_t offset = round_up(end_, part.align);
    end_ = offset + part.size;
    align_ = std::max(align_, part.align);
    return offset;
  }
  [[nodiscard]] constexpr Extent extent() const noexcept {
    return {round_up(end_, align_), align_};
  }

 private:
  std::uint64_t end_;
  std::uint64_t align_ = 1;
};

// ---- Pointers

/// The offset of a pointer to nothing, where there is such a pointer.
inline constexpr std::int32_t null_offset = 1;

/// What a pointer, whose offset counts from its own place, points to.
inline const std::byte* target_of(const std::byte* pointer) noexcept {
  return pointer + load<std::int32_t>(pointer);
}
inline bool is_null(const std::byte* pointer) noexcept {
  return load<std::int32_t>(pointer) == null_offset;
}
/// The number behind a pointer, of a sequence.
inline std::uint32_t length_of(const std::byte* pointer) noexcept {
  return load<std::uint32_t>(pointer + 4);
}

// ---- Texts

/// Texts up to this size lie in the object itself.
inline constexpr std::size_t inline_text_size = 8;
inline constexpr std::uint64_t max_text_size = (std::uint64_t{1} << 30) - 1;
inline constexpr std::byte text_end{0xFF};

inline bool is_inline_text(const std::byte* object) noexcept {
  return (*object & std::byte{0xC0}) != std::byte{0x80};
}
/// The low six bits stand under a mark that no UTF-8 text begins with.
constexpr std::uint32_t encode_text_size(std::uint32_t size) noexcept {
  return (size & 0x3F) | 0x80 | ((size & ~std::uint32_t{0x3F}) << 2);
}
constexpr std::uint32_t decode_text_size(std::uint32_t code) noexcept {
  return (code & 0x3F) | ((code & ~std::uint32_t{0xFF}) >> 2);
}
/// The text of an object that is valid.
inline Bytes text_of(const std::byte* object) noexcept {
  if (is_inline_text(object)) {
    const std::byte* const end = object + inline_text_size;
    return {object, std::find(object, end, text_end)};
  }
  const std::int32_t offset = load<std::int32_t>(object + 4);
  return {object + offset, decode_text_size(load<std::uint32_t>(object))};
}

// ---- Hash tables (Swiss tables)

/// Probes look at so many control bytes at once.
inline constexpr std::uint64_t group_size = 16;
inline constexpr std::byte empty_control{0xFF};

/// The sizes that follow from the number of buckets.
struct HashSizes {
  constexpr explicit HashSizes(std::uint64_t bucket_count) noexcept
      : buckets(bucket_count),
        probe_count(round_up(buckets, group_size)),
        controls(probe_count + group_size - 1),
        mask(std::bit_ceil(controls) - 1) {}
  /// For so many entries.
  static constexpr std::uint64_t buckets_for(std::uint64_t entries) noexcept {
    return entries == 0 ? 0 : std::max(entries * 8 / 7, entries + 1);
  }
  /// How many of the first control bytes are repeated behind the last.
  [[nodiscard]] constexpr std::uint64_t mirrored() const noexcept {
    return std::min(buckets, controls - buckets);
  }

  std::uint64_t buckets;
  std::uint64_t probe_count;  ///< positions that a probe may begin at
  std::uint64_t controls;     ///< control bytes
  std::uint64_t mask;
};

/// Where the groups of a probe begin, in the order in which they are looked at.
class Probe {
 public:
  Probe(const HashSizes& sizes, std::uint64_t hash) noexcept
      : sizes_(sizes), at_(hash % sizes.buckets) {}
  [[nodiscard]] std::uint64_t at() const noexcept { return at_; }
  /// False when every group was seen.
  bool next() noexcept {
    do {
      stride_ += group_size;
      if (stride_ > sizes_.mask + 1) return false;
      at_ = (at_ + stride_) & sizes_.mask;
    } while (at_ >= sizes_.probe_count);
    return true;
  }

 private:
  const HashSizes& sizes_;
  std::uint64_t at_;
  std::uint64_t stride_ = 0;
};

constexpr std::byte control_of(std::uint64_t hash) noexcept {
  return static_cast<std::byte>(hash >> 57);
}

/// The object of a hash map or set.
struct HashTable {
  explicit HashTable(const std::byte* object) noexcept
      : size(load<std::uint32_t>(object + 4)), sizes(load<std::uint32_t>(object + 8)) {
    if (sizes.buckets != 0) controls = target_of(object);
  }
  /// Buckets lie before the control bytes, the first one last.
  [[nodiscard]] const std::byte* bucket(std::uint64_t index, std::uint64_t size_each) const {
    return controls - (index + 1) * size_each;
  }
  [[nodiscard]] bool is_full(std::uint64_t index) const noexcept {
    return controls[index] < std::byte{0x80};
  }

  std::uint32_t size;
  HashSizes sizes;
  const std::byte* controls = nullptr;
};

inline constexpr Extent hash_object{12, 4};

// ---- B-trees

inline constexpr std::uint64_t node_entries = 5;
inline constexpr std::uint64_t node_children = node_entries + 1;
inline constexpr Extent tree_object{8, 4};

/// A node: kind, keys, values, and then a count (leaf) or children (inner).
struct NodeLayout {
  constexpr NodeLayout(Extent key, Extent value) noexcept {
    keys = round_up(1, key.align);
    values = round_up(keys + node_entries * key.size, value.align);
    const std::uint64_t align_of_both = std::max(key.align, value.align);
    const std::uint64_t end = round_up(values + node_entries * value.size, align_of_both);
    tail = round_up(end, 4);
    align = std::max<std::uint64_t>(4, align_of_both);
    leaf_size = round_up(tail + 4, align);
    inner_size = round_up(tail + 4 * node_children, align);
  }

  std::uint64_t keys;
  std::uint64_t values;
  std::uint64_t tail;  ///< of a leaf its count, of an inner node its children
  std::uint64_t align;
  std::uint64_t leaf_size;
  std::uint64_t inner_size;
};

/// Which nodes the tree of so many entries has: all levels but the last are full, and that is
/// filled from the left.
class TreeShape {
 public:
  struct Node {
    std::uint32_t level = 0;
    std::uint64_t index = 0;  ///< in its level
    [[nodiscard]] constexpr Node child(std::uint64_t number) const noexcept {
      return {level + 1, index * node_children + number};
    }
  };

  constexpr explicit TreeShape(std::uint64_t entries) noexcept : rest_(entries) {
    for (std::uint64_t nodes = 1; rest_ > node_entries * nodes; nodes *= node_children) {
      rest_ -= node_entries * nodes;
      ++last_level_;
    }
  }
  [[nodiscard]] constexpr bool has(Node node) const noexcept {
    return node.level < last_level_ || (node.level == last_level_ && before(node) < rest_);
  }
  [[nodiscard]] constexpr bool is_leaf(Node node) const noexcept { return !has(node.child(0)); }
  [[nodiscard]] constexpr std::uint64_t entries(Node node) const noexcept {
    return node.level < last_level_ ? node_entries : std::min(node_entries, rest_ - before(node));
  }

 private:
  [[nodiscard]] static constexpr std::uint64_t before(Node node) noexcept {
    return node.index * node_entries;
  }
  std::uint64_t rest_;  ///< entries on the last level
  std::uint32_t last_level_ = 0;
};

inline constexpr std::byte leaf_kind{0};
inline constexpr std::byte inner_kind{1};

}  // namespace quire::rkyv
