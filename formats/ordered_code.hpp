// Order-preserving codes: the stored form of each type that may be a key or a field of one.
//
// These bytes are part of the file format:
//   bool                    one byte, 0 or 1
//   u8 .. u64               big endian
//   i8 .. i64               big endian with the top bit flipped, so that negative ones come first
//   enum                    as its underlying type
//   bytes(N)                the N bytes of a std::array
//   string, bytes           last in a key: as they are
//                           before other fields: each 0x00 as 0x00 0xFF, then 0x00 0x00 as the end
//   tuple(...)              its fields one after the other; a pair is a tuple of two
//
// Law: order(write(a), write(b)) is the order of a and b, bytes comparing as unsigned and the
// shorter first. It holds field by field because no field but the last is a prefix of another.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

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

template <Integer T>
struct OrderedCode<T> {
  using Argument = T;
  static constexpr std::size_t fixed_size = sizeof(T);

  static std::string descriptor() { return scalar_name<T>(); }
  static std::size_t measure(T, Place) noexcept { return fixed_size; }

  static std::byte* write(std::byte* target, T value, Place) noexcept {
    const auto big_endian =
        std::byteswap(static_cast<Unsigned>(flip(static_cast<Unsigned>(value))));
    std::memcpy(target, &big_endian, fixed_size);
    return target + fixed_size;
  }

  static std::optional<T> read(Bytes& rest, Place) noexcept {
    if (rest.size() < fixed_size) return {};
    Unsigned big_endian = 0;
    std::memcpy(&big_endian, rest.data(), fixed_size);
    rest = rest.subspan(fixed_size);
    return static_cast<T>(flip(std::byteswap(big_endian)));
  }

 private:
  using Unsigned = std::make_unsigned_t<T>;
  static constexpr Unsigned flip(Unsigned value) noexcept {
    constexpr Unsigned top_bit = static_cast<Unsigned>(std::numeric_limits<T>::min());
    return static_cast<Unsigned>(value ^ top_bit);
  }
};
static_assert(std::endian::native == std::endian::little && OrderedKey<std::uint32_t>);

template <FixedEnum T>
struct OrderedCode<T> {
  using Argument = T;
  using Underlying = std::underlying_type_t<T>;
  static constexpr std::size_t fixed_size = sizeof(T);

  static std::string descriptor() { return scalar_name<T>(); }
  static std::size_t measure(T, Place) noexcept { return fixed_size; }
  static std::byte* write(std::byte* target, T value, Place place) noexcept {
    return OrderedCode<Underlying>::write(target, static_cast<Underlying>(value), place);
  }
  static std::optional<T> read(Bytes& rest, Place place) noexcept {
    const auto value = OrderedCode<Underlying>::read(rest, place);
    return value ? std::optional(static_cast<T>(*value)) : std::nullopt;
  }
};
static_assert(OrderedKey<std::byte>);

template <>
struct OrderedCode<bool> {
  using Argument = bool;
  static constexpr std::size_t fixed_size = 1;

  static std::string descriptor() { return scalar_name<bool>(); }
  static std::size_t measure(bool, Place) noexcept { return fixed_size; }
  static std::byte* write(std::byte* target, bool value, Place) noexcept {
    *target = value ? std::byte{1} : std::byte{0};
    return target + 1;
  }
  static std::optional<bool> read(Bytes& rest, Place) noexcept {
    if (rest.empty() || rest.front() > std::byte{1}) return {};
    const bool value = rest.front() == std::byte{1};
    rest = rest.subspan(1);
    return value;
  }
};
static_assert(OrderedKey<bool>);

/// A byte, under either of its names.
template <class T>
concept ByteLike = std::same_as<T, std::byte> || std::same_as<T, unsigned char>;

template <ByteLike T, std::size_t size>
struct OrderedCode<std::array<T, size>> {
  using Argument = std::array<T, size>;
  static constexpr std::size_t fixed_size = size;

  static std::string descriptor() { return "bytes(" + std::to_string(size) + ")"; }
  static std::size_t measure(const Argument&, Place) noexcept { return size; }
  static std::byte* write(std::byte* target, const Argument& value, Place) noexcept {
    copy_bytes(target, std::as_bytes(std::span(value)));
    return target + size;
  }
  static std::optional<Argument> read(Bytes& rest, Place) noexcept {
    if (rest.size() < size) return {};
    Argument value;
    copy_bytes(std::as_writable_bytes(std::span(value)).data(), rest.first(size));
    rest = rest.subspan(size);
    return value;
  }
};
static_assert(OrderedKey<std::array<unsigned char, 16>>);

namespace detail {

/// Bytes of any length, with an end that can be found where other fields follow.
inline constexpr std::byte escaped{0x00};
inline constexpr std::byte escape_zero{0xFF};
inline constexpr std::byte escape_end{0x00};
inline constexpr std::size_t end_size = 2;

/// How many bytes it takes to write these where other fields follow, without the end.
inline std::size_t escaped_size(Bytes bytes) noexcept {
  const auto zeros = std::count(bytes.begin(), bytes.end(), escaped);
  return bytes.size() + static_cast<std::size_t>(zeros);
}

inline std::byte* write_escaped(std::byte* target, Bytes bytes) noexcept {
  for (const std::byte byte : bytes) {
    *target++ = byte;
    if (byte == escaped) *target++ = escape_zero;
  }
  return target;
}

inline std::byte* write_end(std::byte* target) noexcept {
  *target++ = escaped;
  *target++ = escape_end;
  return target;
}

/// Takes escaped bytes with their end off the front of rest; nothing when they are none.
template <class Container>
std::optional<Container> read_escaped(Bytes& rest) {
  Container content;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] == escaped) {
      if (at + 1 == rest.size()) return {};
      if (rest[at + 1] == escape_end) {
        rest = rest.subspan(at + end_size);
        return content;
      }
      if (rest[at + 1] != escape_zero) return {};
    }
    content.push_back(static_cast<typename Container::value_type>(rest[at]));
    if (rest[at] == escaped) ++at;
  }
  return {};
}

/// Strings and bytes: they differ in what holds them.
template <class Container, class View>
struct VaryingCode {
  using Argument = View;
  static constexpr std::size_t fixed_size = varying_size;

  /// The stored form of a key that is nothing but this: the bytes themselves.
  static Bytes whole(View value) noexcept { return std::as_bytes(std::span(value)); }

  static std::size_t measure(View value, Place place) noexcept {
    return place == Place::last ? value.size() : escaped_size(whole(value)) + end_size;
  }
  static std::byte* write(std::byte* target, View value, Place place) noexcept {
    std::byte* const end = write(target, StartsWith{whole(value)}, place);
    return place == Place::last ? end : write_end(end);
  }
  static std::optional<Container> read(Bytes& rest, Place place) {
    if (place == Place::inner) return read_escaped<Container>(rest);
    const Bytes all = std::exchange(rest, {});
    Container content(all.size(), {});
    copy_bytes(std::as_writable_bytes(std::span(content)).data(), all);
    return content;
  }

  static std::size_t measure(StartsWith start, Place place) noexcept {
    return place == Place::last ? start.beginning.size() : escaped_size(start.beginning);
  }
  static std::byte* write(std::byte* target, StartsWith start, Place place) noexcept {
    if (place == Place::inner) return write_escaped(target, start.beginning);
    copy_bytes(target, start.beginning);
    return target + start.beginning.size();
  }

  /// A prefix of a key that is nothing but this: its beginning, said so or not.
  template <class Given>
  static consteval bool takes_prefix() {
    return std::same_as<Given, StartsWith> || std::convertible_to<const Given&, View>;
  }
  static std::size_t measure_prefix(StartsWith start) noexcept { return start.beginning.size(); }
  static std::size_t measure_prefix(View start) noexcept { return start.size(); }
  static void write_prefix(std::byte* target, StartsWith start) noexcept {
    write(target, start, Place::last);
  }
  static void write_prefix(std::byte* target, View start) noexcept {
    write(target, start, Place::last);
  }
};

}  // namespace detail

template <>
struct OrderedCode<std::string> : detail::VaryingCode<std::string, std::string_view> {
  static std::string descriptor() { return "string"; }
};
static_assert(OrderedKey<std::string>);

template <>
struct OrderedCode<std::vector<std::byte>> : detail::VaryingCode<std::vector<std::byte>, Bytes> {
  static std::string descriptor() { return "bytes"; }
};
static_assert(OrderedKey<std::vector<std::byte>>);

}  // namespace quire
