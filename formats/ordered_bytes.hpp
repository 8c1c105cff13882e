// Order-preserving codes of bytes: arrays of them, UUIDs, and strings and bytes of any length.
//
// Law: where other fields follow, what has any length is escaped and has an end, so that it is no
// prefix of another; last in a key it is stored as it is.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/key_end.hpp"
#include "quire/formats/ordered_code.hpp"
#include "quire/formats/uuid.hpp"

namespace quire {

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

template <>
struct OrderedCode<Uuid> {
  using Argument = Uuid;
  using BytesCode = OrderedCode<std::array<std::byte, Uuid::size>>;
  static constexpr std::size_t fixed_size = Uuid::size;

  static std::string descriptor() { return "uuid"; }
  static std::size_t measure(const Uuid&, Place) noexcept { return fixed_size; }
  static std::byte* write(std::byte* target, const Uuid& value, Place place) noexcept {
    return BytesCode::write(target, value.bytes, place);
  }
  static std::optional<Uuid> read(Bytes& rest, Place place) noexcept {
    const auto bytes = BytesCode::read(rest, place);
    return bytes ? std::optional(Uuid{*bytes}) : std::nullopt;
  }
};
static_assert(OrderedKey<Uuid>);

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

template <class Container>
void append(Container& content, Bytes bytes) {
  const std::size_t size = content.size();
  content.resize(size + bytes.size());
  copy_bytes(std::as_writable_bytes(std::span(content).subspan(size)).data(), bytes);
}

/// Takes escaped bytes with their end off the front of rest; nothing when they are none.
template <class Container>
std::optional<Container> read_escaped(Bytes& rest) {
  Container content;
  for (;;) {
    const auto plain = static_cast<std::size_t>(std::ranges::find(rest, escaped) - rest.begin());
    if (rest.size() - plain < end_size) return {};
    append(content, rest.first(plain));
    const std::byte meaning = rest[plain + 1];
    rest = rest.subspan(plain + end_size);
    if (meaning == escape_end) return content;
    if (meaning != escape_zero) return {};
    content.push_back({});
  }
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
    std::optional<Container> content(std::in_place);
    refill(std::exchange(rest, {}), *content);
    return content;
  }
  /// The same of a key that is nothing but this.
  static void refill(Bytes stored, Container& content) {
    content.resize(stored.size());
    copy_bytes(std::as_writable_bytes(std::span(content)).data(), stored);
  }
  [[gnu::always_inline]] static bool refill_end(const KeyEnd& end, Container& content) {
    if constexpr (std::same_as<Container, std::string>) {
      if (end.size > end.front.size()) {
        refill_long_end(end, content);
        return true;
      }
    }
    content.resize(end.kept + end.size);
    std::byte* const at = std::as_writable_bytes(std::span(content)).data() + end.kept;
    const std::size_t front = std::min(end.size, end.front.size());
    copy_bytes(at, Bytes(end.front).first(front));
    copy_bytes(at + front, {end.tail, end.size - front});
    return true;
  }

  /// The same of a string, without asking how long its end is: most of what a range of texts would
  /// wait for is that processors guess this wrong. What is written behind the end is in the room
  /// that the string was asked to have.
  [[gnu::always_inline]] static void refill_long_end(const KeyEnd& end, std::string& content) {
    const std::size_t size = end.kept + end.size;
    content.resize_and_overwrite(size + copy_slack, [&](char* room, std::size_t room_size) {
      std::byte* const at = std::as_writable_bytes(std::span(room, room_size)).data() + end.kept;
      constexpr std::size_t front = std::tuple_size_v<decltype(end.front)>;
      copy_bytes(at, Bytes(end.front));
      copy_with_slack(at + front, end.tail, end.size - front, end.readable);
      return size;
    });
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

template <ByteLike T>
struct OrderedCode<std::vector<T>> : detail::VaryingCode<std::vector<T>, std::span<const T>> {
  static std::string descriptor() { return "bytes"; }
};
static_assert(OrderedKey<std::vector<std::byte>> && OrderedKey<std::vector<unsigned char>>);

}  // namespace quire
