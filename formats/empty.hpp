// EmptyFormat: no value at all, for tables that are sets of keys.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/format.hpp"

namespace quire {

/// The value of a table that is a set: `txn.table(names).put(name, {})`.
struct Empty {
  bool operator==(const Empty&) const = default;
};

template <class T>
concept NoValue = std::same_as<T, Empty> || std::same_as<T, std::monostate>;

struct EmptyFormat {
  static constexpr std::string_view name = "empty";
  static constexpr std::uint32_t version = 1;

  template <NoValue V>
  using Argument = V;
  template <NoValue V>
  using View = V;

  template <NoValue V>
  [[nodiscard]] constexpr std::uint32_t alignment() const noexcept {
    return 1;
  }
  template <NoValue V>
  [[nodiscard]] std::string descriptor() const {
    return std::string(name);
  }
  template <NoValue V>
  [[nodiscard]] Bytes stored_bytes(V) const noexcept {
    return {};
  }
  template <NoValue V>
  [[nodiscard]] Status check(Bytes stored) const {
    if (stored.empty()) return {};
    return fail(Error(ErrorCode::corrupt).with_detail("a value in a table of keys alone"));
  }
  template <NoValue V>
  [[nodiscard]] V view(Bytes) const noexcept {
    return {};
  }
};
static_assert(ValueFormat<EmptyFormat, Empty> && StoresInPlace<EmptyFormat, std::monostate>);

}  // namespace quire
