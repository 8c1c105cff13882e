// Entry: a key and its value as archived maps keep them; in a set, a key alone.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

#include "quire/formats/rkyv/archive.hpp"

namespace quire::rkyv {

/// Sets have std::monostate as V.
template <class K, class V>
struct Entry {
  static constexpr bool is_of_map = !std::same_as<V, std::monostate>;
  static constexpr std::uint64_t value_offset = [] {
    StructLayout layout;
    layout.add(Archive<K>::extent);
    return layout.add(Archive<V>::extent);
  }();
  static constexpr Extent extent = [] {
    StructLayout layout;
    layout.add(Archive<K>::extent);
    layout.add(Archive<V>::extent);
    return layout.extent();
  }();

  /// The key, or key and value.
  static auto view(const std::byte* key, const std::byte* value) {
    if constexpr (is_of_map) {
      return std::pair<ViewOf<K>, ViewOf<V>>(Archive<K>::view(key), Archive<V>::view(value));
    } else {
      return Archive<K>::view(key);
    }
  }
  static auto load(const std::byte* key, const std::byte* value, Loader& loader) {
    if constexpr (is_of_map) {
      return std::pair<const K, V>(Archive<K>::load(key, loader), Archive<V>::load(value, loader));
    } else {
      return Archive<K>::load(key, loader);
    }
  }

  // Of a container's element: a key or a pair.
  static const K& key_of(const auto& element) {
    if constexpr (is_of_map) {
      return element.first;
    } else {
      return element;
    }
  }
  static void own(Encoder& encoder, const auto& element) {
    Archive<K>::own(encoder, key_of(element));
    if constexpr (is_of_map) Archive<V>::own(encoder, element.second);
  }
  static void put(Encoder& encoder, const auto& element, std::uint64_t key, std::uint64_t value) {
    Archive<K>::put(encoder, key_of(element), key);
    if constexpr (is_of_map) Archive<V>::put(encoder, element.second, value);
  }
  static void describe(Describer& words, std::string_view map, std::string_view set) {
    words << (is_of_map ? map : set) << "(";
    Archive<K>::describe(words);
    if constexpr (is_of_map) {
      words << ",";
      Archive<V>::describe(words);
    }
    words << ")";
  }
};

}  // namespace quire::rkyv
