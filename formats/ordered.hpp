// OrderedFormat: keys whose bytes sort as the keys do, so that tables can be read by ranges.
//
// What each type becomes is in ordered_code.hpp; here are the tuples, the prefixes over their
// leading fields, and the format itself.
//
// Invariant: the prefix for some leading fields is a prefix of the stored form of every key that
// has these fields, and of no other key's.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "quire/engine/base/result.hpp"
#include "quire/formats/encoded_key.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/ordered_code.hpp"

namespace quire {

namespace detail {

/// The code of a Tuple (a std::tuple or std::pair) of these fields.
template <class Tuple, class ArgumentTuple, class... Fields>
class TupleCode {
  template <std::size_t index>
  using Code = OrderedCode<std::tuple_element_t<index, Tuple>>;
  static constexpr std::size_t count = sizeof...(Fields);

 public:
  using Argument = ArgumentTuple;
  static constexpr std::size_t fixed_size =
      ((OrderedCode<Fields>::fixed_size == varying_size) || ...)
          ? varying_size
          : (std::size_t{0} + ... + OrderedCode<Fields>::fixed_size);

  static std::string descriptor() {
    std::string text;
    ((text += (text.empty() ? "tuple(" : ",") + OrderedCode<Fields>::descriptor()), ...);
    return text + ")";
  }

  static std::size_t measure(const Argument& value, Place place) noexcept {
    return with_indexes<count>([&]<std::size_t... index>(std::index_sequence<index...>) {
      return (Code<index>::measure(std::get<index>(value), place_of(index, place)) + ...);
    });
  }

  static std::byte* write(std::byte* target, const Argument& value, Place place) noexcept {
    with_indexes<count>([&]<std::size_t... index>(std::index_sequence<index...>) {
      ((target = Code<index>::write(target, std::get<index>(value), place_of(index, place))), ...);
    });
    return target;
  }

  static std::optional<Tuple> read(Bytes& rest, Place place) {
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

  static std::optional<Tuple> join(std::tuple<std::optional<Fields>...> fields) {
    return std::apply(
        [](auto&... field) -> std::optional<Tuple> {
          if (!(field && ...)) return {};
          return Tuple(std::move(*field)...);
        },
        fields);
  }

  template <std::size_t index, std::size_t given_count, class Given>
  static constexpr bool takes_field() {
    if constexpr (std::same_as<Given, StartsWith>) {
      return index + 1 == given_count &&
             requires(Given start) { Code<index>::measure(start, Place::last); };
    } else {
      return index + 1 < count && std::convertible_to<const Given&, typename Code<index>::Argument>;
    }
  }

  template <std::size_t index, class Given>
  static auto field(const Given& given) noexcept {
    if constexpr (std::same_as<Given, StartsWith>) {
      return given;
    } else {
      return static_cast<typename Code<index>::Argument>(given);
    }
  }
};

}  // namespace detail

template <OrderedKey... Fields>
  requires(sizeof...(Fields) > 0)
struct OrderedCode<std::tuple<Fields...>>
    : detail::TupleCode<std::tuple<Fields...>,
                        std::tuple<typename OrderedCode<Fields>::Argument...>, Fields...> {};
static_assert(OrderedKey<std::tuple<std::string, std::uint32_t>>);

template <OrderedKey First, OrderedKey Second>
struct OrderedCode<std::pair<First, Second>>
    : detail::TupleCode<
          std::pair<First, Second>,
          std::pair<typename OrderedCode<First>::Argument, typename OrderedCode<Second>::Argument>,
          First, Second> {};
static_assert(OrderedKey<std::pair<bool, std::int8_t>>);

/// Whether some leading fields, the last one perhaps by starts_with(), make a prefix of a K.
template <class K, class... Given>
concept PrefixOf = OrderedKey<K> && OrderedCode<K>::template takes_prefix<Given...>();

/// Keys in their natural order; tuples field by field. The stored forms are in ordered_code.hpp.
struct OrderedFormat {
  static constexpr bool is_ordered = true;

  template <OrderedKey K>
  using Argument = typename OrderedCode<K>::Argument;

  template <OrderedKey K>
  [[nodiscard]] std::string descriptor() const {
    return OrderedCode<K>::descriptor();
  }

  /// Costs no memory from the heap where K has a fixed size, is a string or is bytes.
  template <OrderedKey K>
  [[nodiscard]] EncodedKey auto encode(const Argument<K>& key) const {
    using Code = OrderedCode<K>;
    if constexpr (Code::fixed_size != varying_size) {
      FixedKey<Code::fixed_size> encoded;
      Code::write(encoded.room.data(), key, Place::last);
      return encoded;
    } else if constexpr (requires { Code::whole(key); }) {
      return BorrowedKey{Code::whole(key)};
    } else {
      OwnedKey encoded(Code::measure(key, Place::last));
      Code::write(encoded.room(), key, Place::last);
      return encoded;
    }
  }

  template <OrderedKey K>
  [[nodiscard]] Result<K> decode(Bytes stored) const {
    Bytes rest = stored;
    auto key = OrderedCode<K>::read(rest, Place::last);
    if (key && rest.empty()) return std::move(*key);
    return fail(Error(ErrorCode::corrupt)
                    .with_detail("a key of " + std::to_string(stored.size()) +
                                 " bytes is not the stored form of a " + descriptor<K>()));
  }

  /// What the stored forms of all keys with these leading fields begin with.
  template <OrderedKey K, class... Given>
    requires PrefixOf<K, Given...>
  [[nodiscard]] OwnedKey encode_prefix(const Given&... given) const {
    OwnedKey prefix(OrderedCode<K>::measure_prefix(given...));
    OrderedCode<K>::write_prefix(prefix.room(), given...);
    return prefix;
  }
};
static_assert(OrderedKeyFormat<OrderedFormat, std::uint64_t>);
static_assert(OrderedKeyFormat<OrderedFormat, std::string>);
static_assert(OrderedKeyFormat<OrderedFormat, std::tuple<std::string, std::uint32_t>>);

}  // namespace quire
