// The formats that a table gets when none are named: by type, and the same for ever.
#pragma once

#include "quire/formats/empty.hpp"
#include "quire/formats/ordered.hpp"
#include "quire/formats/plain.hpp"
#include "quire/formats/raw.hpp"
#include "quire/formats/text.hpp"

namespace quire {

/// Stands where no format fits by itself; a table with it must be given one.
struct NoDefaultFormat {};

namespace detail {

template <class K>
consteval auto default_key_format() {
  if constexpr (KeyFormat<OrderedFormat, K>) {
    return OrderedFormat{};
  } else {
    return NoDefaultFormat{};
  }
}

template <class V>
consteval auto default_value_format() {
  if constexpr (Text<V>) {
    return TextFormat{};
  } else if constexpr (RawBytes<V>) {
    return RawFormat{};
  } else if constexpr (NoValue<V>) {
    return EmptyFormat{};
  } else if constexpr (PlainValue<V>) {
    return PlainFormat{};
  } else {
    return NoDefaultFormat{};
  }
}

}  // namespace detail

template <class K>
using DefaultKeyFormat = decltype(detail::default_key_format<K>());

template <class V>
using DefaultValueFormat = decltype(detail::default_value_format<V>());

}  // namespace quire
