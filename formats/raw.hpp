// RawFormat: bytes as they are, as keys and as values.
//
// With it a tool reads any table, whatever its types.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/encoded_key.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/in_place.hpp"

namespace quire {

/// Bytes that own their memory: what a raw key is when it is handed out.
using ByteString = std::vector<std::byte>;

/// The names under which raw bytes may stand as a table's type.
template <class T>
concept RawBytes = std::same_as<T, ByteString> || std::same_as<T, Bytes>;

struct RawFormat {
  static constexpr std::string_view name = "raw";
  static constexpr std::uint32_t version = 1;
  static constexpr bool is_ordered = true;

  /// Where each value starts: a power of two from 1 to 64, in bytes.
  std::uint32_t value_alignment = 1;

  template <RawBytes T>
  using Argument = Bytes;
  template <RawBytes T>
  using View = Bytes;

  // As a key.

  template <std::same_as<ByteString> K>
  [[nodiscard]] BorrowedKey encode(Bytes key) const noexcept {
    return {key};
  }
  template <std::same_as<ByteString> K>
  [[nodiscard]] Result<ByteString> decode(Bytes stored) const {
    return ByteString(stored.begin(), stored.end());
  }
  template <std::same_as<ByteString> K>
  [[nodiscard]] OwnedKey encode_prefix(Bytes beginning) const {
    return OwnedKey(beginning);
  }

  // As a value.

  template <RawBytes V>
  [[nodiscard]] std::uint32_t alignment() const noexcept {
    return value_alignment;
  }
  template <RawBytes V>
  [[nodiscard]] Bytes stored_bytes(Bytes value) const noexcept {
    return value;
  }
  template <RawBytes V>
  [[nodiscard]] MutableBytes room(MutableBytes stored) const noexcept {
    return stored;
  }
  template <RawBytes V>
  [[nodiscard]] Status check(Bytes stored) const {
    if (is_aligned(stored, value_alignment)) [[likely]]
      return {};
    return misplaced();
  }
  template <RawBytes V>
  [[nodiscard]] Bytes view(Bytes stored) const noexcept {
    return stored;
  }

  template <RawBytes T>
  [[nodiscard]] std::string descriptor() const {
    return value_alignment == 1 ? "raw" : "raw(align=" + std::to_string(value_alignment) + ")";
  }

 private:
  /// Out of the way of values that are right: so the compiler makes no call of check().
  [[gnu::cold, gnu::noinline]] static Status misplaced() {
    return fail(Error(ErrorCode::corrupt).with_detail("a value is not at its table's alignment"));
  }
};
static_assert(OrderedKeyFormat<RawFormat, ByteString>);
static_assert(ValueFormat<RawFormat, Bytes> && StoresAnyBytes<RawFormat, ByteString>);

}  // namespace quire
