// Archive<T>: how a C++ type is archived, and how it is read in place. This file has the scalars.
//
// An Archive has
//   extent                     size and alignment of the object
//   View                       what shows one in place: the value itself where that is small
//   own(encoder, value)        writes what the value owns, and remembers where
//   put(encoder, value, at)    writes the object
//   view(at)                   shows the object at an address, which was checked
//   load(at, loader)           a value of its own, the same as the one archived
//   describe(describer)        the type in words
// and, where it may be a key of a map or set,
//   Lookup                     what it is looked up by
//   compare(lookup, at)        the order of both
//   feed(hasher, lookup)       what its hash is of
#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "quire/formats/describe.hpp"
#include "quire/formats/names.hpp"
#include "quire/formats/rkyv/encoder.hpp"
#include "quire/formats/rkyv/hash.hpp"
#include "quire/formats/rkyv/layout.hpp"
#include "quire/formats/rkyv/loader.hpp"
#include "quire/formats/utf8.hpp"

namespace quire::rkyv {

template <class T>
struct Archive;

/// A type that has an archive.
template <class T>
concept Archived = requires {
  { Archive<T>::extent } -> std::convertible_to<Extent>;
};

template <class T>
struct ViewFor {
  using type = typename Archive<T>::View;
};
/// What shows a T.
template <class T>
using ViewOf = typename ViewFor<T>::type;

namespace detail {

template <class T>
concept Wide = std::same_as<T, UnsignedInt128> || std::same_as<T, Int128>;

template <class T>
concept Scalar = Integer<T> || Wide<T> || std::same_as<T, float> || std::same_as<T, double> ||
                 std::same_as<T, bool> || std::same_as<T, char32_t>;

template <Scalar T>
std::string scalar_word() {
  if constexpr (std::same_as<T, UnsignedInt128>) return "u128";
  if constexpr (std::same_as<T, Int128>) return "i128";
  if constexpr (std::same_as<T, char32_t>) return "char";
  return scalar_name<T>();
}

template <Scalar T>
constexpr std::uint64_t bits_of(T value) {
  if constexpr (std::same_as<T, bool> || std::same_as<T, char32_t>) {
    return value;
  } else {
    return static_cast<std::make_unsigned_t<T>>(value);
  }
}

}  // namespace detail

template <detail::Scalar T>
struct Archive<T> {
  static constexpr Extent extent{sizeof(T), sizeof(T)};
  using View = T;
  using Lookup = T;

  static void own(Encoder& encoder, T value) {
    if constexpr (std::same_as<T, char32_t>) {
      if (!is_character(value)) encoder.refuse("a char32_t is no Unicode character");
    }
  }
  static void put(Encoder& encoder, T value, std::uint64_t at) { encoder.store(at, value); }
  static T view(const std::byte* at) noexcept { return rkyv::load<T>(at); }
  static T load(const std::byte* at, Loader&) noexcept { return rkyv::load<T>(at); }
  static void describe(Describer& words) { words << detail::scalar_word<T>(); }

  static auto compare(T lookup, const std::byte* at) noexcept
    requires(!std::floating_point<T>)
  {
    return lookup <=> view(at);
  }
  static void feed(Hasher& hasher, T lookup) noexcept
    requires(!std::floating_point<T>)
  {
    if constexpr (detail::Wide<T>) {
      hasher.word(static_cast<std::uint64_t>(lookup));
      hasher.word(static_cast<std::uint64_t>(static_cast<UnsignedInt128>(lookup) >> 64));
    } else {
      hasher.word(detail::bits_of(lookup));
    }
  }
};

/// Nothing: Rust's ().
template <>
struct Archive<std::monostate> {
  static constexpr Extent extent{};
  using View = std::monostate;
  using Lookup = std::monostate;
  static void own(Encoder&, std::monostate) {}
  static void put(Encoder&, std::monostate, std::uint64_t) {}
  static std::monostate view(const std::byte*) noexcept { return {}; }
  static std::monostate load(const std::byte*, Loader&) noexcept { return {}; }
  static void describe(Describer& words) { words << "unit"; }
  static std::strong_ordering compare(std::monostate, const std::byte*) noexcept {
    return std::strong_ordering::equal;
  }
  static void feed(Hasher&, std::monostate) noexcept {}
};

namespace detail {

/// Whether one byte says which of its values an enum has.
template <DescribedEnum T>
consteval bool fits_in_tag() {
  return std::ranges::all_of(description<T>.values, [](const auto& named) {
    return static_cast<std::underlying_type_t<T>>(named.second) ==
           static_cast<std::uint8_t>(named.second);
  });
}

}  // namespace detail

/// An enum without payloads: one byte, which must be one of those that have a name.
template <DescribedEnum T>
struct Archive<T> {
  static_assert(description<T>.size > 0);
  static_assert(detail::fits_in_tag<T>(),
                "rkyv stores an enum as one byte: its values are from 0 to 255");
  static constexpr Extent extent{1, 1};
  using View = T;
  using Lookup = T;

  static constexpr std::uint8_t tag(T value) { return static_cast<std::uint8_t>(value); }
  static void own(Encoder& encoder, T value) {
    for (const auto& [name, known] : description<T>.values)
      if (known == value) return;
    encoder.refuse("an enum has a value without a name");
  }
  static void put(Encoder& encoder, T value, std::uint64_t at) { encoder.store(at, tag(value)); }
  static T view(const std::byte* at) noexcept {
    return static_cast<T>(rkyv::load<std::uint8_t>(at));
  }
  static T load(const std::byte* at, Loader&) noexcept { return view(at); }
  static void describe(Describer& words) {
    if (!words.begin(&type_key<T>)) {
      words << "ref(" << description<T>.name << ")";
      return;
    }
    words << "enum(" << description<T>.name;
    for (const auto& [name, value] : description<T>.values)
      words << "," << name << "=" << std::to_string(tag(value));
    words << ")";
  }
  static auto compare(T lookup, const std::byte* at) noexcept {
    return tag(lookup) <=> tag(view(at));
  }
  static void feed(Hasher& hasher, T lookup) noexcept {
    if (description<T>.size > 1) hasher.word(tag(lookup));
  }
};

}  // namespace quire::rkyv
