// Descriptions: what a struct, an enum or a variant of the user's is made of.
//
// One line behind the type, in its namespace, is all that formats need to store it part by part:
//   struct Filing { std::string form; std::uint32_t size = 0; };
//   QUIRE_DESCRIBE(Filing, form, size)
//   enum class Color : std::uint8_t { red, green };
//   QUIRE_DESCRIBE_ENUM(Color, red, green)
//   using Shape = std::variant<std::monostate, double, Filing>;
//   QUIRE_DESCRIBE_VARIANT(Shape, (Empty, 0), (Circle, 1), (Paper, 7))
//
// The names are stored in files: they are those written here, whatever a compiler makes of them,
// and without the namespace. So a type may move to another namespace, but not change its name, or
// the names, types or order of its fields.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace quire {

/// A struct by its fields, in the order in which they are stored. Accessors<View> gives View, which
/// derives from it, a function of each field's name, that calls its get<&Type::field>().
template <class Type, template <class> class AccessorsOf, auto... members>
struct StructDescription {
  template <class View>
  using Accessors = AccessorsOf<View>;
  static constexpr std::size_t size = sizeof...(members);
  template <std::size_t index>
  using Field =
      std::remove_cvref_t<decltype(std::declval<Type&>().*std::get<index>(std::tuple(members...)))>;

  std::string_view name;
  std::array<std::string_view, size> fields;

  /// The field of an object.
  template <std::size_t index>
  static constexpr auto& field(auto& object) noexcept {
    return object.*std::get<index>(std::tuple(members...));
  }
  /// Which field a pointer to a member names; size when none.
  template <auto member>
  static constexpr std::size_t index_of() noexcept {
    std::size_t index = 0;
    const auto passes = [&](bool is_it) { return is_it || ++index == 0; };
    static_cast<void>((passes(is_same<member, members>()) || ...));
    return index;
  }

 private:
  template <auto left, auto right>
  static constexpr bool is_same() noexcept {
    if constexpr (std::same_as<decltype(left), decltype(right)>) {
      return left == right;
    } else {
      return false;
    }
  }
};

/// An enum by those of its values that have names.
template <class Type, std::size_t count>
struct EnumDescription {
  static constexpr std::size_t size = count;
  std::string_view name;
  std::array<std::pair<std::string_view, Type>, count> values;
};

/// A variant by its alternatives, in their order: what each is called, and the number that is
/// stored for it.
template <class Type>
struct VariantDescription {
  static constexpr std::size_t size = std::variant_size_v<Type>;
  struct Alternative {
    std::string_view name;
    std::uint8_t tag;
  };
  std::string_view name;
  std::array<Alternative, size> alternatives;
};

namespace detail {

template <class T>
inline constexpr bool is_struct_description = false;
template <class Type, template <class> class Accessors, auto... members>
inline constexpr bool is_struct_description<StructDescription<Type, Accessors, members...>> = true;

/// A type's name without the namespace that was written before it.
constexpr std::string_view unqualified(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace detail

template <class T>
concept Described = requires { quire_describe(std::type_identity<T>{}); };

/// What the user said of T.
template <Described T>
inline constexpr auto description = quire_describe(std::type_identity<T>{});

template <class T>
concept DescribedStruct =
    Described<T> && detail::is_struct_description<std::remove_cv_t<decltype(description<T>)>>;

template <class T>
concept DescribedEnum = Described<T> && std::is_enum_v<T>;

template <class T>
concept DescribedVariant = Described<T> && !DescribedStruct<T> && !DescribedEnum<T>;

/// The type of a described struct's field.
template <DescribedStruct T, std::size_t index>
using FieldType = typename std::remove_cv_t<decltype(description<T>)>::template Field<index>;

/// How many fields it has.
template <DescribedStruct T>
inline constexpr std::size_t field_count = std::remove_cv_t<decltype(description<T>)>::size;

}  // namespace quire

// Repeats a macro for each argument, up to 340 of them.
#define QUIRE_PARENS ()
#define QUIRE_EXPAND(...) QUIRE_EXPAND4(QUIRE_EXPAND4(QUIRE_EXPAND4(QUIRE_EXPAND4(__VA_ARGS__))))
#define QUIRE_EXPAND4(...) QUIRE_EXPAND3(QUIRE_EXPAND3(QUIRE_EXPAND3(QUIRE_EXPAND3(__VA_ARGS__))))
#define QUIRE_EXPAND3(...) QUIRE_EXPAND2(QUIRE_EXPAND2(QUIRE_EXPAND2(QUIRE_EXPAND2(__VA_ARGS__))))
#define QUIRE_EXPAND2(...) QUIRE_EXPAND1(QUIRE_EXPAND1(QUIRE_EXPAND1(QUIRE_EXPAND1(__VA_ARGS__))))
#define QUIRE_EXPAND1(...) __VA_ARGS__
#define QUIRE_FOR_EACH(macro, fixed, ...) \
  __VA_OPT__(QUIRE_EXPAND(QUIRE_FOR_EACH_STEP(macro, fixed, __VA_ARGS__)))
#define QUIRE_FOR_EACH_STEP(macro, fixed, first, ...) \
  macro(fixed, first) __VA_OPT__(QUIRE_FOR_EACH_AGAIN QUIRE_PARENS(macro, fixed, __VA_ARGS__))
#define QUIRE_FOR_EACH_AGAIN() QUIRE_FOR_EACH_STEP

#define QUIRE_MEMBER(Type, field) , &Type::field
#define QUIRE_TEXT(Type, field) #field,
#define QUIRE_ACCESSOR(Type, field)                                      \
  [[nodiscard]] constexpr decltype(auto) field() const {                 \
    return static_cast<const View&>(*this).template get<&Type::field>(); \
  }
#define QUIRE_ENUM_VALUE(Type, value) {#value, Type::value},
#define QUIRE_ALTERNATIVE(Type, alternative) QUIRE_NAME_AND_TAG alternative,
#define QUIRE_NAME_AND_TAG(name, tag) {#name, tag}

/// The fields of a struct, which are stored in this order. Behind the struct, in its namespace.
#define QUIRE_DESCRIBE(Type, ...)                                                  \
  template <class View>                                                            \
  class QuireAccessorsOf##Type {                                                   \
    friend View;                                                                   \
    QuireAccessorsOf##Type() = default;                                            \
                                                                                   \
   public:                                                                         \
    QUIRE_FOR_EACH(QUIRE_ACCESSOR, Type, __VA_ARGS__)                              \
  };                                                                               \
  constexpr auto quire_describe(std::type_identity<Type>) {                        \
    return ::quire::StructDescription<Type, QuireAccessorsOf##Type QUIRE_FOR_EACH( \
                                                QUIRE_MEMBER, Type, __VA_ARGS__)>{ \
        #Type, {QUIRE_FOR_EACH(QUIRE_TEXT, Type, __VA_ARGS__)}};                   \
  }

/// The values of an enum that have names. Behind the enum, in its namespace.
#define QUIRE_DESCRIBE_ENUM(Type, ...)                                                            \
  constexpr auto quire_describe(std::type_identity<Type>) {                                       \
    constexpr std::pair<std::string_view, Type> values[] = {                                      \
        QUIRE_FOR_EACH(QUIRE_ENUM_VALUE, Type, __VA_ARGS__)};                                     \
    return ::quire::EnumDescription<Type, std::size(values)>{::quire::detail::unqualified(#Type), \
                                                             std::to_array(values)};              \
  }

/// The alternatives of a std::variant, each as (name, number), numbers from 0 to 255. Behind the
/// alias, in the namespace of one of the alternatives.
#define QUIRE_DESCRIBE_VARIANT(Type, ...)                                 \
  constexpr auto quire_describe(std::type_identity<Type>) {               \
    return ::quire::VariantDescription<Type>{                             \
        #Type, {{QUIRE_FOR_EACH(QUIRE_ALTERNATIVE, Type, __VA_ARGS__)}}}; \
  }
