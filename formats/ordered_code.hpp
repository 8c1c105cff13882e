// Order-preserving codes: the stored form of each type that may be a key or a field of one.
//
// These bytes are part of the file format:
//   bool                    one byte, 0 or 1
//   u8 .. u128              big endian
//   i8 .. i128              big endian with the top bit flipped, so that negative ones come first
//   f32, f64                their bits big endian: all flipped with a sign, else the top one
//   enum                    as its underlying type
//   time, duration          the count as an i64
//   uuid, bytes(N)          the bytes
//   string, bytes           last in a key: as they are
//                           before other fields: each 0x00 as 0x00 0xFF, then 0x00 0x00 as the end
//   optional(T)             0, or 1 and the value
//   array(T,N)              its elements one after the other
//   list(T)                 each element with 1 before it, then 0
//   tuple(...), struct(...) the fields one after the other; a pair is a tuple of two
//   desc(T)                 as T before other fields, every bit flipped
//
// Law: order(write(a), write(b)) is the order of a and b, bytes comparing as unsigned and the
// shorter first. It holds field by field because no field but the last is a prefix of another.
//
// Here is what a code is; the codes are in the other headers ordered_*.hpp and in descending.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/names.hpp"

namespace quire {

/// Whether other fields follow in the key.
enum class Place : std::uint8_t { inner, last };

/// What OrderedCode<T>::fixed_size says when the size depends on the value.
inline constexpr std::size_t varying_size = std::dynamic_extent;

/// The code of T: specialise it to make a type of yours a key.
template <class T>
struct OrderedCode;

/// Law: write fills measure bytes and returns their end; read takes just those off the front of any
/// bytes and gives the value back, or nothing when no value is written like that.
/// Argument is how a T is handed over without copying it, and fixed_size the bytes that every T
/// takes, in any place, or varying_size.
template <class T>
concept OrderedKey = requires(const typename OrderedCode<T>::Argument& value, std::byte* target,
                              Bytes& rest, Place place) {
  { OrderedCode<T>::fixed_size } -> std::convertible_to<std::size_t>;
  { OrderedCode<T>::descriptor() } -> std::same_as<std::string>;
  { OrderedCode<T>::measure(value, place) } -> std::same_as<std::size_t>;
  { OrderedCode<T>::write(target, value, place) } -> std::same_as<std::byte*>;
  { OrderedCode<T>::read(rest, place) } -> std::same_as<std::optional<T>>;
};

/// A beginning of a string or of bytes, for prefix ranges: made by starts_with().
struct StartsWith {
  Bytes beginning;
};

/// Stands for every string with this beginning, as the last given field of a prefix range.
/// Valid as long as the text is.
inline StartsWith starts_with(std::string_view text) noexcept { return {as_bytes(text)}; }
inline StartsWith starts_with(Bytes bytes) noexcept { return {bytes}; }

/// A key that may be given by its beginning.
template <class T>
concept HasBeginnings = OrderedKey<T> && requires(StartsWith start, std::byte* target) {
  { OrderedCode<T>::measure(start, Place::last) } -> std::same_as<std::size_t>;
  { OrderedCode<T>::write(target, start, Place::last) } -> std::same_as<std::byte*>;
};

}  // namespace quire
