// Archives of maps and sets: B-trees of the ordered ones, Swiss tables of the others.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "quire/formats/rkyv/hash_controls.hpp"
#include "quire/formats/rkyv/hash_view.hpp"
#include "quire/formats/rkyv/tree_view.hpp"

namespace quire::rkyv {

namespace detail {

inline void check_count(Encoder& encoder, std::size_t count) {
  if (count > std::numeric_limits<std::int32_t>::max())
    encoder.refuse("a map or set has more than 2^31 - 1 entries");
}

/// A pointer and how many entries it leads to.
inline void put_counted(Encoder& encoder, std::size_t count, std::uint64_t at) {
  encoder.point(at, encoder.take_place());
  encoder.store(at + 4, static_cast<std::uint32_t>(count));
}

/// Container is a std::map or std::set, in the order of Rust's keys: that of std::less.
template <class Container, class K, class V>
struct TreeArchive {
  using Entries = Entry<K, V>;
  static constexpr Extent extent = tree_object;
  static constexpr NodeLayout layout{Archive<K>::extent, Archive<V>::extent};
  using View = TreeView<K, V>;

  static void own(Encoder& encoder, const Container& values) {
    check_count(encoder, values.size());
    auto next = values.begin();
    encoder.remember(values.empty() ? Encoder::no_place
                                    : append_node(encoder, TreeShape(values.size()), {}, next));
  }
  static void put(Encoder& encoder, const Container& values, std::uint64_t at) {
    put_counted(encoder, values.size(), at);
  }
  static View view(const std::byte* at) noexcept { return View(at); }
  static Container load(const std::byte* at, Loader& loader) {
    Container values;
    View(at).for_each_place([&](const std::byte* key, const std::byte* value) {
      values.insert(values.end(), Entries::load(key, value, loader));
    });
    return values;
  }
  static void describe(Describer& words) { Entries::describe(words, "btree_map", "btree_set"); }

 private:
  using Iterator = typename Container::const_iterator;

  /// With all below it; next is its first entry, and then the first behind it.
  static std::uint64_t append_node(Encoder& encoder, const TreeShape& shape, TreeShape::Node node,
                                   Iterator& next) {
    const bool is_leaf = shape.is_leaf(node);
    const std::uint64_t count = shape.entries(node);
    std::array<Iterator, node_entries> entries;
    std::array<std::uint64_t, node_children> children;
    children.fill(Encoder::no_place);
    for (std::uint64_t index = 0; index <= count; ++index) {
      const TreeShape::Node child = node.child(index);
      if (!is_leaf && shape.has(child)) children[index] = append_node(encoder, shape, child, next);
      if (index < count) entries[index] = next++;
    }
    return encoder.together(
        layout.align, is_leaf ? layout.leaf_size : layout.inner_size,
        [&] {
          for (std::uint64_t index = 0; index < count; ++index)
            Entries::own(encoder, *entries[index]);
        },
        [&](std::uint64_t at) {
          put_entries(encoder, entries, count, at);
          if (is_leaf)
            encoder.store(at + layout.tail, static_cast<std::uint32_t>(count));
          else
            put_children(encoder, children, at);
        });
  }
  static void put_entries(Encoder& encoder, const std::array<Iterator, node_entries>& entries,
                          std::uint64_t count, std::uint64_t at) {
    for (std::uint64_t index = 0; index < count; ++index)
      Entries::put(encoder, *entries[index], at + layout.keys + index * Archive<K>::extent.size,
                   at + layout.values + index * Archive<V>::extent.size);
  }
  static void put_children(Encoder& encoder, const std::array<std::uint64_t, node_children>& places,
                           std::uint64_t at) {
    encoder.store(at, inner_kind);
    for (std::uint64_t index = 0; index < node_children; ++index)
      encoder.point(at + layout.tail + 4 * index, places[index]);
  }
};

/// Container is a std::unordered_map or std::unordered_set. Keys go in in their order, so that
/// equal maps have equal archives.
template <class Container, class K, class V>
struct HashArchive {
  using Entries = Entry<K, V>;
  using Element = typename Container::value_type;
  static constexpr Extent extent = hash_object;
  using View = HashView<K, V>;

  static void own(Encoder& encoder, const Container& values) {
    check_count(encoder, values.size());
    if (values.empty()) {
      encoder.remember(Encoder::no_place);
      return;
    }
    const HashSizes sizes(HashSizes::buckets_for(values.size()));
    std::vector<const Element*> buckets(sizes.buckets);
    const HashControls controls = fill(values, sizes, buckets);
    encoder.remember(append(encoder, buckets) + sizes.buckets * Entries::extent.size);
    encoder.append(controls.bytes());
  }
  static void put(Encoder& encoder, const Container& values, std::uint64_t at) {
    put_counted(encoder, values.size(), at);
    encoder.store(at + 8, static_cast<std::uint32_t>(HashSizes::buckets_for(values.size())));
  }
  static View view(const std::byte* at) noexcept { return View(at); }
  static Container load(const std::byte* at, Loader& loader) {
    Container values;
    View(at).for_each_place([&](const std::byte* key, const std::byte* value) {
      values.insert(Entries::load(key, value, loader));
    });
    return values;
  }
  static void describe(Describer& words) { Entries::describe(words, "hash_map", "hash_set"); }

 private:
  static HashControls fill(const Container& values, const HashSizes& sizes,
                           std::vector<const Element*>& buckets) {
    std::vector<const Element*> sorted;
    for (const Element& element : values) sorted.push_back(&element);
    std::sort(sorted.begin(), sorted.end(), [](const Element* left, const Element* right) {
      return std::less<>()(Entries::key_of(*left), Entries::key_of(*right));
    });
    HashControls controls(sizes);
    for (const Element* element : sorted) {
      Hasher hasher;
      Archive<K>::feed(hasher, Entries::key_of(*element));
      const std::uint64_t index = controls.first_empty(hasher.hash());
      controls.fill(index, hasher.hash());
      buckets[index] = element;
    }
    return controls;
  }
  /// The buckets, the last one first; where they begin.
  static std::uint64_t append(Encoder& encoder, const std::vector<const Element*>& buckets) {
    const std::uint64_t size = Entries::extent.size;
    return encoder.together(
        Entries::extent.align, buckets.size() * size,
        [&] {
          for (const Element* element : buckets)
            if (element != nullptr) Entries::own(encoder, *element);
        },
        [&](std::uint64_t start) {
          std::uint64_t at = start + buckets.size() * size;
          for (const Element* element : buckets) {
            at -= size;
            if (element != nullptr) Entries::put(encoder, *element, at, at + Entries::value_offset);
          }
        });
  }
};

}  // namespace detail

template <class K, class V>
struct Archive<std::map<K, V>> : detail::TreeArchive<std::map<K, V>, K, V> {};
template <class K>
struct Archive<std::set<K>> : detail::TreeArchive<std::set<K>, K, std::monostate> {};
template <class K, class V>
struct Archive<std::unordered_map<K, V>> : detail::HashArchive<std::unordered_map<K, V>, K, V> {};
template <class K>
struct Archive<std::unordered_set<K>>
    : detail::HashArchive<std::unordered_set<K>, K, std::monostate> {};

}  // namespace quire::rkyv
