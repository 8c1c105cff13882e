// Order-preserving codes of what may be there or not, and of several of one type: std::optional,
// std::array and std::vector.
//
// A marker is a bool's byte: 1 before a value that is there, 0 where none is. So nothing comes
// before every value, and a list before the longer ones that it begins.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/ordered_code.hpp"
#include "quire/formats/ordered_scalar.hpp"

namespace quire {

namespace detail {

using MarkerCode = OrderedCode<bool>;

}  // namespace detail

template <OrderedKey T>
struct OrderedCode<std::optional<T>> {
  using ValueCode = OrderedCode<T>;
  using Argument = std::optional<typename ValueCode::Argument>;
  static constexpr std::size_t fixed_size = varying_size;

  static std::string descriptor() { return "optional(" + ValueCode::descriptor() + ")"; }

  static std::size_t measure(const Argument& value, Place place) noexcept {
    return detail::MarkerCode::fixed_size + (value ? ValueCode::measure(*value, place) : 0);
  }
  static std::byte* write(std::byte* target, const Argument& value, Place place) noexcept {
    target = detail::MarkerCode::write(target, value.has_value(), Place::inner);
    return value ? ValueCode::write(target, *value, place) : target;
  }
  static std::optional<std::optional<T>> read(Bytes& rest, Place place) {
    const auto is_there = detail::MarkerCode::read(rest, Place::inner);
    if (!is_there) return {};
    if (!*is_there) return std::optional<std::optional<T>>(std::in_place);
    auto value = ValueCode::read(rest, place);
    if (!value) return {};
    return std::optional<std::optional<T>>(std::in_place, std::move(value));
  }

  /// The beginning of a value that is there.
  static std::size_t measure(StartsWith start, Place place) noexcept
    requires HasBeginnings<T>
  {
    return detail::MarkerCode::fixed_size + ValueCode::measure(start, place);
  }
  static std::byte* write(std::byte* target, StartsWith start, Place place) noexcept
    requires HasBeginnings<T>
  {
    target = detail::MarkerCode::write(target, true, Place::inner);
    return ValueCode::write(target, start, place);
  }
};
static_assert(OrderedKey<std::optional<bool>>);

/// Elements in a row. (Arrays of bytes are in ordered_bytes.hpp.)
template <OrderedKey T, std::size_t size>
  requires(size > 0 && !ByteLike<T> && std::default_initializable<T>)
struct OrderedCode<std::array<T, size>> {
  using ElementCode = OrderedCode<T>;
  static constexpr std::size_t fixed_size =
      ElementCode::fixed_size == varying_size ? varying_size : size * ElementCode::fixed_size;
  using Argument = std::conditional_t<std::is_trivially_copy_constructible_v<T>,
                                      std::array<T, size>, std::span<const T, size>>;

  static std::string descriptor() {
    return "array(" + ElementCode::descriptor() + "," + std::to_string(size) + ")";
  }

  static std::size_t measure(const Argument& value, Place place) noexcept {
    std::size_t sum = 0;
    for (std::size_t index = 0; index < size; ++index) {
      sum += ElementCode::measure(value[index], place_of(index, place));
    }
    return sum;
  }
  static std::byte* write(std::byte* target, const Argument& value, Place place) noexcept {
    for (std::size_t index = 0; index < size; ++index) {
      target = ElementCode::write(target, value[index], place_of(index, place));
    }
    return target;
  }
  static std::optional<std::array<T, size>> read(Bytes& rest, Place place) {
    std::optional<std::array<T, size>> whole(std::in_place);
    for (std::size_t index = 0; index < size; ++index) {
      auto element = ElementCode::read(rest, place_of(index, place));
      if (!element) return {};
      (*whole)[index] = std::move(*element);
    }
    return whole;
  }

 private:
  static constexpr Place place_of(std::size_t index, Place whole) noexcept {
    return index + 1 == size ? whole : Place::inner;
  }
};
static_assert(OrderedKey<std::array<double, 3>>);

/// Elements with a marker before each, and one that says where they end. (Vectors of bytes are in
/// ordered_bytes.hpp. Those of bool hold no bool that could be referred to.)
template <OrderedKey T>
  requires(!ByteLike<T> && !std::same_as<T, bool>)
struct OrderedCode<std::vector<T>> {
  using ElementCode = OrderedCode<T>;
  using Argument = std::span<const T>;
  static constexpr std::size_t fixed_size = varying_size;

  static std::string descriptor() { return "list(" + ElementCode::descriptor() + ")"; }

  static std::size_t measure(Argument value, Place) noexcept {
    std::size_t sum = detail::MarkerCode::fixed_size;
    for (const T& element : value) {
      sum += detail::MarkerCode::fixed_size + ElementCode::measure(element, Place::inner);
    }
    return sum;
  }
  static std::byte* write(std::byte* target, Argument value, Place) noexcept {
    for (const T& element : value) {
      target = detail::MarkerCode::write(target, true, Place::inner);
      target = ElementCode::write(target, element, Place::inner);
    }
    return detail::MarkerCode::write(target, false, Place::inner);
  }
  static std::optional<std::vector<T>> read(Bytes& rest, Place) {
    std::vector<T> whole;
    for (;;) {
      const auto is_there = detail::MarkerCode::read(rest, Place::inner);
      if (!is_there) return {};
      if (!*is_there) return whole;
      auto element = ElementCode::read(rest, Place::inner);
      if (!element) return {};
      whole.push_back(std::move(*element));
    }
  }
};
static_assert(OrderedKey<std::vector<std::uint32_t>>);

}  // namespace quire
