// Names of types in descriptors: fixed ones for scalars, the user's own for structs and enums.
//
// Invariant: a name depends on what is stored, not on the compiler: long and long long are both
// "i64" where both have eight bytes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "quire/formats/describe.hpp"

namespace quire {

/// The name of a user's struct or enum in descriptors. Unless specialised it is that of its
/// description (describe.hpp), and none where there is no description either:
///   template <> inline constexpr std::string_view quire::type_name<Company> = "Company";
/// Letters, digits and the characters _ . : - only. With a name, a table of one struct is not
/// opened as a table of another struct of the same size.
template <class T>
inline constexpr std::string_view type_name{};

/// The integers of 16 bytes, which the language has no standard names for.
__extension__ using Int128 = __int128;
__extension__ using UnsignedInt128 = unsigned __int128;

/// Whether a text may stand as a name in a descriptor.
constexpr bool is_descriptor_name(std::string_view name) {
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789_.:-") == std::string_view::npos;
}

/// A byte, under either of its names.
template <class T>
concept ByteLike = std::same_as<T, std::byte> || std::same_as<T, unsigned char>;

/// The integers: signed or unsigned, of 1, 2, 4 or 8 bytes. Not characters, whose sign and size
/// differ between systems, and not bool.
template <class T>
concept Integer =
    std::integral<T> && sizeof(T) <= 8 && !std::same_as<T, bool> && !std::same_as<T, char> &&
    !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> && !std::same_as<T, char16_t> &&
    !std::same_as<T, char32_t>;

/// An enum whose underlying type is fixed: every value of that type is one of the enum's.
template <class T>
concept FixedEnum = std::is_enum_v<T> && requires { T{std::underlying_type_t<T>{}}; } &&
                    Integer<std::underlying_type_t<T>>;

namespace detail {

template <Integer T>
constexpr std::string_view integer_name() {
  constexpr std::string_view names[2][4] = {{"u8", "u16", "u32", "u64"},
                                            {"i8", "i16", "i32", "i64"}};
  return names[std::is_signed_v<T> ? 1 : 0][std::countr_zero(sizeof(T))];
}

/// What the user calls T; empty when he does not say.
template <class T>
constexpr std::string_view given_name() {
  std::string_view name = type_name<T>;
  if constexpr (Described<T>) {
    if (name.empty()) name = description<T>.name;
  }
  return name;
}

}  // namespace detail

/// "u32", "enum(u8)", "enum(Color,u8)", "bool", "f64"; empty for what is not a scalar.
template <class T>
std::string scalar_name() {
  static_assert(is_descriptor_name(detail::given_name<T>()), "letters, digits and _ . : - only");
  if constexpr (Integer<T>) {
    return std::string(detail::integer_name<T>());
  } else if constexpr (FixedEnum<T>) {
    std::string name = "enum(";
    if (!detail::given_name<T>().empty()) name.append(detail::given_name<T>()).append(",");
    return name.append(detail::integer_name<std::underlying_type_t<T>>()).append(")");
  } else if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (std::same_as<T, float>) {
    return "f32";
  } else if constexpr (std::same_as<T, double>) {
    return "f64";
  } else {
    return {};
  }
}

}  // namespace quire
