// Scalars: numbers, enums and bools as descriptors name them, between stored bytes and text.
//
// A scalar's value is held as its bits: those of its own size, the rest zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quire/quire.hpp"
#include "tools/descriptor.hpp"
#include "tools/json.hpp"

namespace kvtool {

struct Scalar {
  enum class Kind : std::uint8_t { boolean, without_sign, with_sign, floating };
  Kind kind = Kind::without_sign;
  std::size_t size = 1;  ///< bytes

  bool operator==(const Scalar&) const = default;

  [[nodiscard]] std::uint64_t top_bit() const { return std::uint64_t{1} << (size * 8 - 1); }
};

/// The scalar that "u32", "f64", "bool", "enum(u8)" or "enum(Color,u8)" names; nothing for others.
std::optional<Scalar> scalar_of(const Descriptor& descriptor);

/// A number, true or false; "nan", "inf" and "-inf" for what JSON has no number for. Nothing when
/// no value has these bits: a bool of 2.
std::optional<Json> show_scalar(Scalar scalar, std::uint64_t bits);

/// The bits of what a person wrote: 17, 0x11, -5, true, 1.5. Nothing when it is no such scalar.
std::optional<std::uint64_t> read_scalar(Scalar scalar, std::string_view text);

/// What to write for one: "a whole number from 0 to 255".
std::string how_to_write(Scalar scalar);

enum class ByteOrder : std::uint8_t { big, little };

/// The bits in the first bytes, which must be as many as the scalar has.
std::uint64_t load_bits(quire::Bytes bytes, ByteOrder order);
void append_bits(quire::ByteString& target, std::uint64_t bits, std::size_t size, ByteOrder order);

}  // namespace kvtool
