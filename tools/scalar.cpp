#include "tools/scalar.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace kvtool {
namespace {

using Kind = Scalar::Kind;

constexpr std::array<std::pair<std::string_view, Scalar>, 11> scalar_words{{
    {"bool", {Kind::boolean, 1}},
    {"u8", {Kind::without_sign, 1}},
    {"u16", {Kind::without_sign, 2}},
    {"u32", {Kind::without_sign, 4}},
    {"u64", {Kind::without_sign, 8}},
    {"i8", {Kind::with_sign, 1}},
    {"i16", {Kind::with_sign, 2}},
    {"i32", {Kind::with_sign, 4}},
    {"i64", {Kind::with_sign, 8}},
    {"f32", {Kind::floating, 4}},
    {"f64", {Kind::floating, 8}},
}};

std::uint64_t mask_of(Scalar scalar) { return scalar.top_bit() | (scalar.top_bit() - 1); }

/// The value of a number with its sign, from its bits.
std::int64_t signed_value(Scalar scalar, std::uint64_t bits) {
  const std::uint64_t extension = (bits & scalar.top_bit()) != 0 ? ~mask_of(scalar) : 0;
  return std::bit_cast<std::int64_t>(bits | extension);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, auto... how) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number, how...);
  if (text.empty() || failure != std::errc{} || stop != end) return {};
  return number;
}

std::optional<std::uint64_t> read_magnitude(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return parse_number<std::uint64_t>(text.substr(2), 16);
  }
  return parse_number<std::uint64_t>(text, 10);
}

std::optional<std::uint64_t> read_signed(Scalar scalar, std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const auto magnitude = read_magnitude(text.substr(is_negative ? 1 : 0));
  const std::uint64_t most = is_negative ? scalar.top_bit() : scalar.top_bit() - 1;
  if (!magnitude || *magnitude > most) return {};
  return (is_negative ? ~*magnitude + 1 : *magnitude) & mask_of(scalar);
}

std::optional<std::uint64_t> read_floating(Scalar scalar, std::string_view text) {
  if (scalar.size == 4) {
    const auto number = parse_number<float>(text);
    if (!number) return {};
    return std::bit_cast<std::uint32_t>(*number);
  }
  const auto number = parse_number<double>(text);
  if (!number) return {};
  return std::bit_cast<std::uint64_t>(*number);
}

Json show_floating(Scalar scalar, std::uint64_t bits) {
  // A float is shown by the shortest text that means it: 0.1, and not 0.10000000149011612.
  std::string text = scalar.size == 4
                         ? fmt::format("{}", std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                         : fmt::format("{}", std::bit_cast<double>(bits));
  const auto number = parse_number<double>(text);
  if (!number || !std::isfinite(*number)) return text;
  return *number;
}

}  // namespace

std::optional<Scalar> scalar_of(const Descriptor& descriptor) {
  if (descriptor.word == "enum" && !descriptor.arguments.empty()) {
    const auto underlying = scalar_of(descriptor.arguments.back());
    if (underlying && underlying->kind != Kind::floating) return underlying;
    return {};
  }
  if (!descriptor.arguments.empty()) return {};
  for (const auto& [word, scalar] : scalar_words) {
    if (descriptor.word == word) return scalar;
  }
  return {};
}

std::optional<Json> show_scalar(Scalar scalar, std::uint64_t bits) {
  switch (scalar.kind) {
    case Kind::boolean:
      if (bits > 1) return {};
      return Json(bits == 1);
    case Kind::without_sign: return Json(bits);
    case Kind::with_sign: return Json(signed_value(scalar, bits));
    case Kind::floating: return show_floating(scalar, bits);
  }
  return {};
}

std::optional<std::uint64_t> read_scalar(Scalar scalar, std::string_view text) {
  switch (scalar.kind) {
    case Kind::boolean:
      if (text == "true" || text == "1") return 1;
      if (text == "false" || text == "0") return 0;
      return {};
    case Kind::without_sign: {
      const auto number = read_magnitude(text);
      if (!number || *number > mask_of(scalar)) return {};
      return number;
    }
    case Kind::with_sign: return read_signed(scalar, text);
    case Kind::floating: return read_floating(scalar, text);
  }
  return {};
}

std::string how_to_write(Scalar scalar) {
  switch (scalar.kind) {
    case Kind::boolean: return "true or false";
    case Kind::without_sign: return fmt::format("a whole number from 0 to {}", mask_of(scalar));
    case Kind::with_sign:
      return fmt::format("a whole number from -{} to {}", scalar.top_bit(), scalar.top_bit() - 1);
    case Kind::floating: break;
  }
  return "a number such as 1.5, inf or nan";
}

std::uint64_t load_bits(quire::Bytes bytes, ByteOrder order) {
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t index = order == ByteOrder::big ? at : bytes.size() - 1 - at;
    bits = bits << 8 | std::to_integer<std::uint64_t>(bytes[index]);
  }
  return bits;
}

void append_bits(quire::ByteString& target, std::uint64_t bits, std::size_t size, ByteOrder order) {
  for (std::size_t at = 0; at < size; ++at) {
    const std::size_t index = order == ByteOrder::little ? at : size - 1 - at;
    target.push_back(static_cast<std::byte>(bits >> (index * 8) & 0xFF));
  }
}

}  // namespace kvtool
