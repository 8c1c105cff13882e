// Archives of sequences: arrays in the object, vectors elsewhere.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "quire/formats/rkyv/archive.hpp"
#include "quire/formats/rkyv/check.hpp"
#include "quire/formats/rkyv/sequence_view.hpp"

namespace quire::rkyv {

namespace detail {

/// What the elements own, and then they.
template <class T>
std::uint64_t append_elements(Encoder& encoder, const auto& values) {
  const std::uint64_t size = Archive<T>::extent.size;
  return encoder.together(
      Archive<T>::extent.align, values.size() * size,
      [&] {
        for (const auto& value : values) Archive<T>::own(encoder, value);
      },
      [&](std::uint64_t at) {
        for (const auto& value : values) {
          Archive<T>::put(encoder, value, at);
          at += size;
        }
      });
}

/// What the hash of a sequence is of.
template <class T>
void feed_elements(Hasher& hasher, const auto& values) {
  hasher.word(values.size());
  if constexpr (std::integral<T> && sizeof(T) == 1 && !std::same_as<T, bool>) {
    hasher.bytes(std::as_bytes(std::span(values.data(), values.size())));
  } else {
    for (const auto& value : values) Archive<T>::feed(hasher, value);
  }
}

/// More of them are not loaded.
inline constexpr std::size_t most_without_size = std::size_t{1} << 20;

/// A vector or a deque. load() of more than a million things without a size throws bad_alloc.
template <class Sequence, class T>
struct SequenceArchive {
  static constexpr Extent extent{8, 4};
  using View = SequenceView<T>;
  using Lookup = Sequence;

  static void own(Encoder& encoder, const Sequence& values) {
    if (values.size() > std::numeric_limits<std::uint32_t>::max())
      encoder.refuse("a sequence has more than 2^32 - 1 elements");
    encoder.remember(append_elements<T>(encoder, values));
  }
  static void put(Encoder& encoder, const Sequence& values, std::uint64_t at) {
    encoder.point(at, encoder.take_place());
    encoder.store(at + 4, static_cast<std::uint32_t>(values.size()));
  }
  static View view(const std::byte* at) noexcept { return {target_of(at), length_of(at)}; }
  static Sequence load(const std::byte* at, Loader& loader) {
    Sequence values;
    const View stored = view(at);
    const std::byte* each = stored.data();
    // A sequence of things without a size takes no room in an archive, however long it is.
    if (Archive<T>::extent.size == 0 && stored.size() > most_without_size) lack_memory();
    for (std::size_t index = 0; index < stored.size(); ++index, each += Archive<T>::extent.size)
      values.push_back(Archive<T>::load(each, loader));
    return values;
  }
  static void describe(Describer& words) {
    words << "vec(";
    Archive<T>::describe(words);
    words << ")";
  }
  static std::strong_ordering compare(const Sequence& lookup, const std::byte* at) {
    const View stored = view(at);
    const std::byte* each = stored.data();
    for (std::size_t index = 0; index < lookup.size(); ++index, each += Archive<T>::extent.size) {
      if (index == stored.size()) return std::strong_ordering::greater;
      if (const auto order = Archive<T>::compare(lookup[index], each); order != 0) return order;
    }
    return lookup.size() <=> stored.size();
  }
  static void feed(Hasher& hasher, const Sequence& lookup) { feed_elements<T>(hasher, lookup); }
};

}  // namespace detail

template <class T>
struct Archive<std::vector<T>> : detail::SequenceArchive<std::vector<T>, T> {};
template <class T>
struct Archive<std::deque<T>> : detail::SequenceArchive<std::deque<T>, T> {};

template <class T, std::size_t count>
struct Archive<std::array<T, count>> {
  static constexpr Extent extent{Archive<T>::extent.size * count, Archive<T>::extent.align};
  using View = SequenceView<T>;
  using Lookup = std::array<T, count>;

  static void own(Encoder& encoder, const Lookup& values) {
    for (const auto& value : values) Archive<T>::own(encoder, value);
  }
  static void put(Encoder& encoder, const Lookup& values, std::uint64_t at) {
    for (const auto& value : values) {
      Archive<T>::put(encoder, value, at);
      at += Archive<T>::extent.size;
    }
  }
  static View view(const std::byte* at) noexcept { return {at, count}; }
  static Lookup load(const std::byte* at, [[maybe_unused]] Loader& loader) {
    return [&]<std::size_t... index>(std::index_sequence<index...>) {
      return Lookup{Archive<T>::load(at + index * Archive<T>::extent.size, loader)...};
    }(std::make_index_sequence<count>());
  }
  static void describe(Describer& words) {
    words << "array(";
    Archive<T>::describe(words);
    words << "," << std::to_string(count) << ")";
  }
  static std::strong_ordering compare(const Lookup& lookup, const std::byte* at) {
    for (const auto& value : lookup) {
      if (const auto order = Archive<T>::compare(value, at); order != 0) return order;
      at += Archive<T>::extent.size;
    }
    return std::strong_ordering::equal;
  }
  static void feed(Hasher& hasher, const Lookup& lookup) {
    detail::feed_elements<T>(hasher, lookup);
  }
};

}  // namespace quire::rkyv
