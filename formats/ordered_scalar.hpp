// Order-preserving codes of scalars: integers, enums, bool and floating point numbers.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/key_end.hpp"
#include "quire/formats/names.hpp"
#include "quire/formats/ordered_code.hpp"

namespace quire {

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

  [[gnu::always_inline]] static bool refill_end(const KeyEnd& end, T& value) noexcept {
    if (end.kept + end.size != fixed_size) [[unlikely]]
      return false;
    if (end.size == 0) return true;
    // Both as the upper part of 64 bits.
    constexpr std::size_t unused = 8 * (sizeof(std::uint64_t) - fixed_size);
    std::uint64_t front = 0;
    std::memcpy(&front, end.front.data(), sizeof(front));
    const std::uint64_t stored = end.kept_front | std::byteswap(front) >> 8 * end.kept;
    value = static_cast<T>(flip(static_cast<Unsigned>(stored >> unused)));
    return true;
  }

 private:
  using Unsigned = std::make_unsigned_t<T>;
  static constexpr Unsigned flip(Unsigned value) noexcept {
    constexpr Unsigned top_bit = static_cast<Unsigned>(std::numeric_limits<T>::min());
    return static_cast<Unsigned>(value ^ top_bit);
  }
};
static_assert(std::endian::native == std::endian::little && OrderedKey<std::uint32_t>);

namespace detail {

/// An integer of 16 bytes as its upper half, with the sign, and its lower half.
template <class T, Integer Upper>
struct HalvesCode {
  using Argument = T;
  static constexpr std::size_t fixed_size = sizeof(T);

  static std::size_t measure(T, Place) noexcept { return fixed_size; }
  static std::byte* write(std::byte* target, T value, Place place) noexcept {
    target = OrderedCode<Upper>::write(target, static_cast<Upper>(value >> half_bits), place);
    return OrderedCode<std::uint64_t>::write(target, static_cast<std::uint64_t>(value), place);
  }
  static std::optional<T> read(Bytes& rest, Place place) noexcept {
    if (rest.size() < fixed_size) return {};
    const auto upper = OrderedCode<Upper>::read(rest, place);
    const auto lower = OrderedCode<std::uint64_t>::read(rest, place);
    return static_cast<T>(static_cast<UnsignedInt128>(*upper) << half_bits | *lower);
  }

 private:
  static constexpr int half_bits = 64;
};

}  // namespace detail

template <>
struct OrderedCode<Int128> : detail::HalvesCode<Int128, std::int64_t> {
  static std::string descriptor() { return "i128"; }
};
static_assert(OrderedKey<Int128>);

template <>
struct OrderedCode<UnsignedInt128> : detail::HalvesCode<UnsignedInt128, std::uint64_t> {
  static std::string descriptor() { return "u128"; }
};
static_assert(OrderedKey<UnsignedInt128>);

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

/// The floating point numbers that are the same on all machines.
template <class T>
concept FloatingKey =
    (std::same_as<T, float> || std::same_as<T, double>) && std::numeric_limits<T>::is_iec559;

/// In the total order of IEEE 754: -NaN, -inf, ... -0, +0, ... +inf, +NaN. All bits are kept, so
/// -0 and +0 are two keys, and so are NaNs that differ in their bits.
template <FloatingKey T>
struct OrderedCode<T> {
  using Argument = T;
  static constexpr std::size_t fixed_size = sizeof(T);

  static std::string descriptor() { return scalar_name<T>(); }
  static std::size_t measure(T, Place) noexcept { return fixed_size; }
  static std::byte* write(std::byte* target, T value, Place place) noexcept {
    const auto bits = std::bit_cast<Bits>(value);
    const bool is_negative = (bits & sign) != 0;
    return OrderedCode<Bits>::write(target, is_negative ? ~bits : bits | sign, place);
  }
  static std::optional<T> read(Bytes& rest, Place place) noexcept {
    const auto bits = OrderedCode<Bits>::read(rest, place);
    if (!bits) return {};
    const bool is_negative = (*bits & sign) == 0;
    return std::bit_cast<T>(is_negative ? ~*bits : *bits ^ sign);
  }

 private:
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static constexpr Bits sign = Bits{1} << (sizeof(T) * 8 - 1);
};
static_assert(OrderedKey<float> && OrderedKey<double>);

}  // namespace quire
