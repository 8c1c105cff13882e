// TextFormat: text as it is, read in place as a std::string_view.
//
// The bytes are not checked to be of any encoding.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/format.hpp"

namespace quire {

/// The names under which text may stand as a table's type.
template <class T>
concept Text = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

struct TextFormat {
  static constexpr std::string_view name = "text";
  static constexpr std::uint32_t version = 1;

  template <Text V>
  using Argument = std::string_view;
  template <Text V>
  using View = std::string_view;

  template <Text V>
  [[nodiscard]] constexpr std::uint32_t alignment() const noexcept {
    return 1;
  }
  template <Text V>
  [[nodiscard]] std::string descriptor() const {
    return std::string(name);
  }
  template <Text V>
  [[nodiscard]] Bytes stored_bytes(std::string_view value) const noexcept {
    return as_bytes(value);
  }
  template <Text V>
  [[nodiscard]] std::span<char> room(MutableBytes stored) const noexcept {
    return as_characters(stored);
  }
  /// All bytes are text.
  template <Text V>
  [[nodiscard]] Status check(Bytes) const noexcept {
    return {};
  }
  template <Text V>
  [[nodiscard]] std::string_view view(Bytes stored) const noexcept {
    return as_text(stored);
  }
};
static_assert(ValueFormat<TextFormat, std::string> && StoresAnyBytes<TextFormat, std::string>);

}  // namespace quire
