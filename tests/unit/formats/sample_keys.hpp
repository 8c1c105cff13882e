// Keys to try a format with: the edges of each type, and random ones that are often nearly equal.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "quire/formats/descending.hpp"
#include "quire/formats/describe.hpp"
#include "quire/formats/names.hpp"
#include "quire/formats/ordered_scalar.hpp"
#include "quire/formats/uuid.hpp"

namespace quire::test {

using Random = std::mt19937_64;

inline std::size_t below(Random& random, std::size_t end) {
  return static_cast<std::size_t>(random()) % end;
}

/// Mostly of three bytes that codes treat differently, so that prefixes and escapes meet.
inline std::byte sample_byte(Random& random) {
  constexpr std::array special{std::byte{0x00}, std::byte{0x01}, std::byte{0xFF}};
  return below(random, 4) == 0 ? static_cast<std::byte>(random())
                               : special[below(random, special.size())];
}

template <class T>
struct Samples;

template <class T>
T sample(Random& random) {
  return Samples<T>::draw(random);
}

template <Integer T>
struct Samples<T> {
  static T draw(Random& random) {
    using Limits = std::numeric_limits<T>;
    const std::array edges{
        Limits::min(), static_cast<T>(Limits::min() + 1), static_cast<T>(-1), T{0},
        T{1},          static_cast<T>(Limits::max() - 1), Limits::max()};
    return below(random, 3) == 0 ? static_cast<T>(random()) : edges[below(random, edges.size())];
  }
};

template <FixedEnum T>
struct Samples<T> {
  static T draw(Random& random) {
    return static_cast<T>(sample<std::underlying_type_t<T>>(random));
  }
};

template <>
struct Samples<bool> {
  static bool draw(Random& random) { return below(random, 2) == 0; }
};

/// Any bits, or the edges of what bits mean, with either sign.
template <FloatingKey T>
struct Samples<T> {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static T draw(Random& random) {
    using Limits = std::numeric_limits<T>;
    const std::array edges{T{0},
                           T{1},
                           Limits::denorm_min(),
                           Limits::min(),
                           Limits::max(),
                           Limits::infinity(),
                           Limits::quiet_NaN(),
                           std::bit_cast<T>(std::bit_cast<Bits>(Limits::infinity()) + 1),
                           std::bit_cast<T>(std::bit_cast<Bits>(Limits::quiet_NaN()) + 7)};
    if (below(random, 3) == 0) return std::bit_cast<T>(static_cast<Bits>(random()));
    const T edge = edges[below(random, edges.size())];
    const Bits sign = static_cast<Bits>(random() % 2) << (sizeof(T) * 8 - 1);
    return std::bit_cast<T>(std::bit_cast<Bits>(edge) ^ sign);
  }
};

template <class T>
  requires(std::same_as<T, Int128> || std::same_as<T, UnsignedInt128>)
struct Samples<T> {
  static T draw(Random& random) {
    const auto upper = sample<std::uint64_t>(random);
    const auto lower = sample<std::uint64_t>(random);
    return static_cast<T>(static_cast<UnsignedInt128>(upper) << 64 | lower);
  }
};

template <class Count, class Period>
struct Samples<std::chrono::duration<Count, Period>> {
  static auto draw(Random& random) {
    return std::chrono::duration<Count, Period>(sample<Count>(random));
  }
};

template <class Clock, class Duration>
struct Samples<std::chrono::time_point<Clock, Duration>> {
  static auto draw(Random& random) {
    return std::chrono::time_point<Clock, Duration>(sample<Duration>(random));
  }
};

template <>
struct Samples<Uuid> {
  static Uuid draw(Random& random) {
    Uuid uuid;
    for (std::byte& byte : uuid.bytes) byte = sample_byte(random);
    return uuid;
  }
};

template <class T>
struct Samples<std::vector<T>> {
  static std::vector<T> draw(Random& random) {
    std::vector<T> elements;
    for (std::size_t left = below(random, 5); left > 0; --left) {
      elements.push_back(sample<T>(random));
    }
    return elements;
  }
};

template <ByteLike Byte>
struct Samples<std::vector<Byte>> {
  static std::vector<Byte> draw(Random& random) {
    std::vector<Byte> bytes(below(random, 5));
    for (Byte& byte : bytes) byte = static_cast<Byte>(sample_byte(random));
    return bytes;
  }
};

template <>
struct Samples<std::string> {
  static std::string draw(Random& random) {
    std::string text(below(random, 5), '\0');
    for (char& character : text) character = static_cast<char>(sample_byte(random));
    return text;
  }
};

template <class T, std::size_t size>
struct Samples<std::array<T, size>> {
  static std::array<T, size> draw(Random& random) {
    std::array<T, size> elements;
    for (T& element : elements) element = sample<T>(random);
    return elements;
  }
};

template <ByteLike Byte, std::size_t size>
struct Samples<std::array<Byte, size>> {
  static std::array<Byte, size> draw(Random& random) {
    std::array<Byte, size> bytes;
    for (Byte& byte : bytes) byte = static_cast<Byte>(sample_byte(random));
    return bytes;
  }
};

template <class T>
struct Samples<std::optional<T>> {
  static std::optional<T> draw(Random& random) {
    if (below(random, 3) == 0) return std::nullopt;
    return std::optional<T>(std::in_place, sample<T>(random));
  }
};

template <class T>
struct Samples<Descending<T>> {
  static Descending<T> draw(Random& random) { return Descending<T>(sample<T>(random)); }
};

template <class First, class Second>
struct Samples<std::pair<First, Second>> {
  static std::pair<First, Second> draw(Random& random) {
    return {sample<First>(random), sample<Second>(random)};
  }
};

template <class... Fields>
struct Samples<std::tuple<Fields...>> {
  static std::tuple<Fields...> draw(Random& random) { return {sample<Fields>(random)...}; }
};

template <DescribedStruct T>
struct Samples<T> {
  static T draw(Random& random) {
    T whole{};
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      ((description<T>.template field<index>(whole) = sample<FieldType<T, index>>(random)), ...);
    }(std::make_index_sequence<field_count<T>>());
    return whole;
  }
};

}  // namespace quire::test
