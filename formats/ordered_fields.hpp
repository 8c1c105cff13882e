// Order-preserving codes of what has fields: tuples, pairs, and structs that the user described.
//
// Invariant: the prefix for some leading fields is a prefix of the stored form of every key that
// has these fields, and of no other key's.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/describe.hpp"
#include "quire/formats/names.hpp"
#include "quire/formats/ordered_code.hpp"

namespace quire {

namespace detail {

/// The code of a Whole that has these fields. Access gets a field of an Argument, and makes a Whole
/// of all its fields.
template <class Whole, class Access, class... Fields>
class FieldsCode {
  template <std::size_t index>
  using Code = OrderedCode<std::tuple_element_t<index, std::tuple<Fields...>>>;
  static constexpr std::size_t count = sizeof...(Fields);

 public:
  using Argument = typename Access::Argument;
  static constexpr std::size_t fixed_size =
      ((OrderedCode<Fields>::fixed_size == varying_size) || ...)
          ? varying_size
          : (std::size_t{0} + ... + OrderedCode<Fields>::fixed_size);

  static std::size_t measure(const Argument& value, Place place) noexcept {
    return with_indexes<count>([&]<std::size_t... index>(std::index_sequence<index...>) {
      return (Code<index>::measure(Access::template get<index>(value), place_of(index, place)) +
              ...);
    });
  }

  static std::byte* write(std::byte* target, const Argument& value, Place place) noexcept {
    with_indexes<count>([&]<std::size_t... index>(std::index_sequence<index...>) {
      ((target =
            Code<index>::write(target, Access::template get<index>(value), place_of(index, place))),
       ...);
    });
    return target;
  }

  static std::optional<Whole> read(Bytes& rest, Place place) {
    // Braces, so that the fields are read from left to right.
    return with_indexes<count>([&]<std::size_t... index>(std::index_sequence<index...>) {
      return join(
          std::tuple<std::optional<Fields>...>{Code<index>::read(rest, place_of(index, place))...});
    });
  }

  /// A prefix of a key: fewer fields than it has, each exactly, or the last of them by its
  /// beginning.
  template <class... Given>
  static consteval bool takes_prefix() {
    if constexpr (sizeof...(Given) == 0 || sizeof...(Given) > count) {
      return false;
    } else {
      return with_indexes<sizeof...(Given)>(
          []<std::size_t... index>(std::index_sequence<index...>) {
            return (takes_field<index, sizeof...(Given), Given>() && ...);
          });
    }
  }

  template <class... Given>
  static std::size_t measure_prefix(const Given&... given) noexcept {
    return with_indexes<sizeof...(Given)>([&]<std::size_t... index>(std::index_sequence<index...>) {
      return (Code<index>::measure(field<index>(given), place_of(index, Place::last)) + ...);
    });
  }

  template <class... Given>
  static void write_prefix(std::byte* target, const Given&... given) noexcept {
    with_indexes<sizeof...(Given)>([&]<std::size_t... index>(std::index_sequence<index...>) {
      ((target = Code<index>::write(target, field<index>(given), place_of(index, Place::last))),
       ...);
    });
  }

 private:
  template <std::size_t size>
  static constexpr auto with_indexes(auto&& visit) {
    return visit(std::make_index_sequence<size>{});
  }

  static constexpr Place place_of(std::size_t index, Place whole) noexcept {
    return index + 1 == count ? whole : Place::inner;
  }

  static std::optional<Whole> join(std::tuple<std::optional<Fields>...> fields) {
    return std::apply(
        [](auto&... field) -> std::optional<Whole> {
          if (!(field && ...)) return {};
          return Access::make(std::move(*field)...);
        },
        fields);
  }

  template <std::size_t index, std::size_t given_count, class Given>
  static constexpr bool takes_field() {
    if constexpr (std::same_as<Given, StartsWith>) {
      return index + 1 == given_count &&
             HasBeginnings<std::tuple_element_t<index, std::tuple<Fields...>>>;
    } else {
      return index + 1 < count && std::convertible_to<const Given&, typename Code<index>::Argument>;
    }
  }

  template <std::size_t index, class Given>
  static decltype(auto) field(const Given& given) noexcept {
    using Wanted = typename Code<index>::Argument;
    if constexpr (std::same_as<Given, StartsWith> || std::same_as<Given, Wanted>) {
      return (given);
    } else {
      return static_cast<Wanted>(given);
    }
  }
};

/// How a tuple takes one of its fields: not by a copy that may cost memory from the heap.
template <OrderedKey T>
using FieldArgument = std::conditional_t<std::same_as<T, typename OrderedCode<T>::Argument> &&
                                             !std::is_trivially_copy_constructible_v<T>,
                                         const T&, typename OrderedCode<T>::Argument>;

template <class Tuple, class ArgumentTuple>
struct TupleAccess {
  using Argument = ArgumentTuple;
  template <std::size_t index>
  static constexpr const auto& get(const Argument& value) noexcept {
    return std::get<index>(value);
  }
  static Tuple make(auto&&... fields) { return Tuple(std::move(fields)...); }
};

/// The code of a Tuple (a std::tuple or std::pair) of these fields.
template <class Tuple, class ArgumentTuple, class... Fields>
struct TupleCode : FieldsCode<Tuple, TupleAccess<Tuple, ArgumentTuple>, Fields...> {
  static std::string descriptor() {
    std::string text;
    ((text += (text.empty() ? "tuple(" : ",") + OrderedCode<Fields>::descriptor()), ...);
    return text + ")";
  }
};

template <DescribedStruct T>
struct StructAccess {
  using Argument = T;
  template <std::size_t index>
  static constexpr const auto& get(const T& value) noexcept {
    return description<T>.template field<index>(value);
  }
  static T make(auto&&... fields) {
    T whole{};
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      ((description<T>.template field<index>(whole) = std::move(fields)), ...);
    }(std::make_index_sequence<sizeof...(fields)>());
    return whole;
  }
};

/// The code of a described struct; Indexes are those of its fields.
template <class T, class Indexes>
struct StructCode;

template <class T, std::size_t... index>
struct StructCode<T, std::index_sequence<index...>>
    : FieldsCode<T, StructAccess<T>, FieldType<T, index>...> {
  static_assert(is_descriptor_name(description<T>.name) &&
                    (is_descriptor_name(description<T>.fields[index]) && ...),
                "letters, digits and _ . : - only");

  static std::string descriptor() {
    std::string text = std::string("struct(").append(description<T>.name);
    ((text.append(",").append(description<T>.fields[index]).append(":") +=
      OrderedCode<FieldType<T, index>>::descriptor()),
     ...);
    return text + ")";
  }
};

template <class T, class Indexes>
inline constexpr bool has_only_keys = false;
template <class T, std::size_t... index>
inline constexpr bool has_only_keys<T, std::index_sequence<index...>> =
    (OrderedKey<FieldType<T, index>> && ...);

/// A described struct that can be made field by field, of fields that are keys.
template <class T>
concept KeyStruct =
    DescribedStruct<T> && std::default_initializable<T> && std::movable<T> && field_count<T> != 0 &&
    has_only_keys<T, std::make_index_sequence<field_count<T>>>;

}  // namespace detail

template <OrderedKey... Fields>
  requires(sizeof...(Fields) > 0)
struct OrderedCode<std::tuple<Fields...>>
    : detail::TupleCode<std::tuple<Fields...>, std::tuple<detail::FieldArgument<Fields>...>,
                        Fields...> {};

template <OrderedKey First, OrderedKey Second>
struct OrderedCode<std::pair<First, Second>>
    : detail::TupleCode<std::pair<First, Second>,
                        std::pair<detail::FieldArgument<First>, detail::FieldArgument<Second>>,
                        First, Second> {};

/// Like a tuple of its fields, but its descriptor has their names as well, so a table is not opened
/// with a struct whose fields have other names or another order. What is not described of a struct
/// is not stored.
template <detail::KeyStruct T>
struct OrderedCode<T> : detail::StructCode<T, std::make_index_sequence<field_count<T>>> {};

/// Whether some leading fields, the last one perhaps by starts_with(), make a prefix of a K.
template <class K, class... Given>
concept PrefixOf = OrderedKey<K> && OrderedCode<K>::template takes_prefix<Given...>();

}  // namespace quire
