// Plain fields: what plain values are made of, as far as that can be told: in words for their
// descriptors, and whether stored bytes are values of them.
//
// A described struct is told by its fields, each with its offset in the struct. What is not
// described of it counts as padding.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/describe.hpp"
#include "quire/formats/heap_bytes.hpp"
#include "quire/formats/in_place.hpp"
#include "quire/formats/names.hpp"

namespace quire {

/// Whether stored bytes of T's size may be read as a T. Specialise it for a struct that not every
/// bit pattern is right for, say because it holds a bool and is not described; bytes that fail it
/// are reported `corrupt`. It holds where a T is a field of a described struct, too.
template <class T>
inline constexpr bool (*is_valid_plain)(Bytes) = nullptr;

template <>
inline constexpr bool (*is_valid_plain<bool>)(Bytes) =
    [](Bytes stored) { return stored.front() <= std::byte{1}; };

namespace detail {

template <class T>
inline constexpr bool is_span = false;
template <class T, std::size_t size>
inline constexpr bool is_span<std::span<T, size>> = true;
template <class T>
inline constexpr bool is_string_view = false;
template <class T, class Traits>
inline constexpr bool is_string_view<std::basic_string_view<T, Traits>> = true;

/// Arrays of the language and of the library: the same bytes.
template <class T>
struct PlainArray;
template <class T, std::size_t size>
struct PlainArray<T[size]> {
  using Element = T;
  static constexpr std::size_t count = size;
};
template <class T, std::size_t size>
struct PlainArray<std::array<T, size>> {
  using Element = T;
  static constexpr std::size_t count = size;
};

template <class T>
concept ArrayField = requires { PlainArray<T>::count; };

/// Calls visit.operator()<index>() for each field of a T; whether all of them gave true.
template <DescribedStruct T>
constexpr bool all_fields(auto&& visit) {
  return [&]<std::size_t... index>(std::index_sequence<index...>) {
    return (visit.template operator()<index>() && ...);
  }(std::make_index_sequence<field_count<T>>());
}

/// Whether it can be told by the type that its objects refer to other memory.
template <class T>
consteval bool refers_elsewhere() {
  if constexpr (ArrayField<T>) {
    return refers_elsewhere<typename PlainArray<T>::Element>();
  } else if constexpr (DescribedStruct<T>) {
    return !all_fields<T>(
        []<std::size_t index> { return !refers_elsewhere<FieldType<T, index>>(); });
  } else {
    return std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T> ||
           is_span<T> || is_string_view<T>;
  }
}

// ---- Where fields lie

/// The bytes of a field, within those of its struct.
template <DescribedStruct T, std::size_t index>
Bytes field_bytes(Bytes object) noexcept {
  const auto& field = description<T>.template field<index>(object_in<T>(object));
  return std::as_bytes(std::span(std::addressof(field), 1));
}

template <DescribedStruct T, std::size_t index>
std::size_t field_offset(Bytes object) noexcept {
  return static_cast<std::size_t>(field_bytes<T, index>(object).data() - object.data());
}

// ---- In words

/// "Company,size=96,align=4", or without a name.
template <class T>
std::string name_and_size() {
  static_assert(is_descriptor_name(given_name<T>()), "letters, digits and _ . : - only");
  std::string text(given_name<T>());
  if (!text.empty()) text.append(",");
  text.append("size=").append(std::to_string(sizeof(T)));
  return text.append(",align=").append(std::to_string(alignof(T)));
}

template <class T>
std::string field_words();

/// The same, and of a described struct its fields: ",0:x:i32,4:y:i32".
template <class T>
std::string struct_words() {
  std::string text = name_and_size<T>();
  if constexpr (DescribedStruct<T>) {
    const HeapBytes object(sizeof(T), alignof(T));
    all_fields<T>([&]<std::size_t index> {
      constexpr std::string_view name = description<T>.fields[index];
      static_assert(is_descriptor_name(name), "letters, digits and _ . : - only");
      text.append(",").append(std::to_string(field_offset<T, index>(object.bytes())));
      text.append(":").append(name).append(":").append(field_words<FieldType<T, index>>());
      return true;
    });
  }
  return text;
}

/// "u32", "char", "bytes(16)", "array(f32,3)", "struct(Point,size=8,...)"; for what nothing is
/// known of "plain(size=8,align=4)".
template <class T>
std::string field_words() {
  if constexpr (ArrayField<T>) {
    using Element = typename PlainArray<T>::Element;
    const std::string count = std::to_string(PlainArray<T>::count);
    if constexpr (ByteLike<Element>) return std::string("bytes(").append(count).append(")");
    return std::string("array(").append(field_words<Element>()).append(",").append(count) + ")";
  } else if constexpr (std::same_as<T, char>) {
    return "char";
  } else {
    std::string scalar = scalar_name<T>();
    if (!scalar.empty()) return scalar;
    return (DescribedStruct<T> ? "struct(" : "plain(") + struct_words<T>() + ")";
  }
}

// ---- Whether bytes are values

/// Whether there are bytes that are no T.
template <class T>
consteval bool has_plain_rule() {
  if constexpr (is_valid_plain<T> != nullptr) {
    return true;
  } else if constexpr (ArrayField<T>) {
    return has_plain_rule<typename PlainArray<T>::Element>();
  } else if constexpr (DescribedStruct<T>) {
    return !all_fields<T>([]<std::size_t index> { return !has_plain_rule<FieldType<T, index>>(); });
  } else {
    return false;
  }
}

template <class T>
bool is_plain(Bytes stored) noexcept;

template <ArrayField T>
bool has_plain_elements(Bytes stored) noexcept {
  using Element = typename PlainArray<T>::Element;
  for (std::size_t index = 0; index < PlainArray<T>::count; ++index)
    if (!is_plain<Element>(stored.subspan(index * sizeof(Element), sizeof(Element)))) return false;
  return true;
}

/// Whether bytes of T's size, at its alignment, are a T: parts first, so that a rule of the user's
/// may look at them.
template <class T>
bool is_plain(Bytes stored) noexcept {
  if constexpr (!has_plain_rule<T>()) {
    return true;
  } else {
    bool is_right = true;
    if constexpr (ArrayField<T>) {
      is_right = has_plain_elements<T>(stored);
    } else if constexpr (DescribedStruct<T>) {
      is_right = all_fields<T>([&]<std::size_t index> {
        return is_plain<FieldType<T, index>>(field_bytes<T, index>(stored));
      });
    }
    if constexpr (is_valid_plain<T> != nullptr) is_right = is_right && is_valid_plain<T>(stored);
    return is_right;
  }
}

}  // namespace detail
}  // namespace quire
