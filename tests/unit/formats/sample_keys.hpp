// Keys to try a format with: the edges of each type, and random ones that are often nearly equal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "quire/formats/names.hpp"

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

template <>
struct Samples<std::vector<std::byte>> {
  static std::vector<std::byte> draw(Random& random) {
    std::vector<std::byte> bytes(below(random, 5));
    for (std::byte& byte : bytes) byte = sample_byte(random);
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

template <class Byte, std::size_t size>
struct Samples<std::array<Byte, size>> {
  static std::array<Byte, size> draw(Random& random) {
    std::array<Byte, size> bytes;
    for (Byte& byte : bytes) byte = static_cast<Byte>(sample_byte(random));
    return bytes;
  }
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

}  // namespace quire::test
