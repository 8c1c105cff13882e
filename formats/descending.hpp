// Descending: a key, or a field of one, that sorts the other way round.
//
// Law: the stored form is that of the value where other fields follow, each byte complemented; the
// same in every place. No such form is a prefix of another, so the first byte that differs decides,
// and it decides the other way.
#pragma once

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/encoded_key.hpp"
#include "quire/formats/ordered_code.hpp"

namespace quire {

/// A value that sorts the other way round: the newest first in
///   Table<std::tuple<std::string, Descending<std::uint64_t>>, Note>
template <class T>
struct Descending {
  T value;

  constexpr Descending()
    requires std::default_initializable<T>
      : value() {}
  constexpr explicit Descending(T wrapped) : value(std::move(wrapped)) {}
  /// From what a T is made of: a Descending<std::string_view> refers to a Descending<std::string>.
  template <std::convertible_to<T> Other>
    requires(!std::same_as<Other, T>)
  constexpr Descending(const Descending<Other>& other) : value(other.value) {}

  friend constexpr bool operator==(const Descending&, const Descending&) = default;
  friend constexpr auto operator<=>(const Descending& left, const Descending& right)
    requires std::three_way_comparable<T>
  {
    return right.value <=> left.value;
  }
};

template <OrderedKey T>
struct OrderedCode<Descending<T>> {
  using ValueCode = OrderedCode<T>;
  using Argument = Descending<typename ValueCode::Argument>;
  static constexpr std::size_t fixed_size = ValueCode::fixed_size;

  static std::string descriptor() { return "desc(" + ValueCode::descriptor() + ")"; }

  static std::size_t measure(const Argument& value, Place) noexcept {
    return ValueCode::measure(value.value, Place::inner);
  }
  static std::byte* write(std::byte* target, const Argument& value, Place) noexcept {
    return complement(target, ValueCode::write(target, value.value, Place::inner));
  }

  static std::optional<Descending<T>> read(Bytes& rest, Place) {
    // A form says itself where it ends, so it is looked for in more and more of the bytes: keys in
    // a list do not each cost what the rest of the list is long.
    std::size_t size = std::min(rest.size(), fixed_size == varying_size ? 64 : fixed_size);
    for (;; size = std::min(rest.size(), size * 2)) {
      OwnedKey window(rest.first(size));
      complement(window.room(), window.room() + size);
      Bytes unread = window.bytes();
      if (auto value = ValueCode::read(unread, Place::inner)) {
        rest = rest.subspan(size - unread.size());
        return Descending<T>(std::move(*value));
      }
      if (size == rest.size() || fixed_size != varying_size) return {};
    }
  }

  /// The beginning of the value.
  static std::size_t measure(StartsWith start, Place) noexcept
    requires HasBeginnings<T>
  {
    return ValueCode::measure(start, Place::inner);
  }
  static std::byte* write(std::byte* target, StartsWith start, Place) noexcept
    requires HasBeginnings<T>
  {
    return complement(target, ValueCode::write(target, start, Place::inner));
  }

 private:
  static std::byte* complement(std::byte* first, std::byte* end) noexcept {
    return std::transform(first, end, first, [](std::byte byte) { return ~byte; });
  }
};

}  // namespace quire
