// Archives of what is one of several: optional, expected and variant. A tag, and behind it the
// parts of what was chosen.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "quire/formats/rkyv/archive.hpp"
#include "quire/formats/rkyv/archive_record.hpp"

namespace quire::rkyv {

namespace detail {

/// One part behind a tag.
template <class T>
inline constexpr std::uint64_t behind_tag = StructLayout(1).add(Archive<T>::extent);

template <class T>
constexpr Extent extent_behind_tag() {
  StructLayout layout(1);
  layout.add(Archive<T>::extent);
  return layout.extent();
}

/// An alternative that is one value of any type.
template <class T>
struct AlternativeArchive {
  static constexpr Extent extent = extent_behind_tag<T>();
  using View = ViewOf<T>;
  static void own(Encoder& encoder, const T& value) { Archive<T>::own(encoder, value); }
  static void put(Encoder& encoder, const T& value, std::uint64_t at) {
    Archive<T>::put(encoder, value, at + behind_tag<T>);
  }
  static View view(const std::byte* at) { return Archive<T>::view(at + behind_tag<T>); }
  static T load(const std::byte* at, Loader& loader) {
    return Archive<T>::load(at + behind_tag<T>, loader);
  }
  static void describe_fields(Describer& words) {
    words << "(0:";
    Archive<T>::describe(words);
    words << ")";
  }
};

/// A described struct gives its fields to the variant.
template <DescribedStruct T>
struct AlternativeArchive<T> : FieldsArchive<T, 1> {
  static void describe_fields(Describer& words) {
    if constexpr (field_count<T> != 0) {
      FieldsArchive<T, 1>::describe_fields(words, "(");
      words << ")";
    }
  }
};

/// So does a tuple.
template <class... Parts>
struct AlternativeArchive<std::tuple<Parts...>> {
  using Tuple = Archive<std::tuple<Parts...>>;
  using View = typename Tuple::View;
  static constexpr Extent extent = typename Tuple::Layout(1).extent;
  static void own(Encoder& encoder, const std::tuple<Parts...>& value) {
    Tuple::own(encoder, value);
  }
  static void put(Encoder& encoder, const std::tuple<Parts...>& value, std::uint64_t at) {
    Tuple::template put<1>(encoder, value, at);
  }
  static View view(const std::byte* at) { return Tuple::template view<1>(at); }
  static std::tuple<Parts...> load(const std::byte* at, Loader& loader) {
    return Tuple::template load<1>(at, loader);
  }
  static void describe_fields(Describer& words) {
    Tuple::describe_fields(words, "(");
    words << ")";
  }
};

/// Nothing but the tag.
template <>
struct AlternativeArchive<std::monostate> {
  static constexpr Extent extent{1, 1};
  using View = std::monostate;
  static void own(Encoder&, std::monostate) {}
  static void put(Encoder&, std::monostate, std::uint64_t) {}
  static std::monostate view(const std::byte*) noexcept { return {}; }
  static std::monostate load(const std::byte*, Loader&) noexcept { return {}; }
  static void describe_fields(Describer&) {}
};

/// That of what is one of several.
constexpr Extent largest(std::initializer_list<Extent> extents) {
  Extent all{1, 1};
  for (const Extent& each : extents)
    all = {std::max(all.size, each.size), std::max(all.align, each.align)};
  return {round_up(all.size, all.align), all.align};
}

}  // namespace detail

template <class T>
struct Archive<std::optional<T>> {
  static constexpr Extent extent = detail::extent_behind_tag<T>();
  using View = std::optional<ViewOf<T>>;
  using Lookup = std::optional<T>;

  static void own(Encoder& encoder, const std::optional<T>& value) {
    if (value) Archive<T>::own(encoder, *value);
  }
  static void put(Encoder& encoder, const std::optional<T>& value, std::uint64_t at) {
    if (!value) return;
    encoder.store(at, std::uint8_t{1});
    Archive<T>::put(encoder, *value, at + detail::behind_tag<T>);
  }
  static View view(const std::byte* at) {
    return *at == std::byte() ? View() : View(Archive<T>::view(at + detail::behind_tag<T>));
  }
  static std::optional<T> load(const std::byte* at, Loader& loader) {
    if (*at == std::byte()) return std::nullopt;
    return std::optional<T>(Archive<T>::load(at + detail::behind_tag<T>, loader));
  }
  static void describe(Describer& words) {
    words << "option(";
    Archive<T>::describe(words);
    words << ")";
  }
  static std::strong_ordering compare(const Lookup& lookup, const std::byte* at) {
    const bool has_stored = *at != std::byte();
    if (!lookup || !has_stored) return lookup.has_value() <=> has_stored;
    return Archive<T>::compare(*lookup, at + detail::behind_tag<T>);
  }
  static void feed(Hasher& hasher, const Lookup& lookup) {
    hasher.word(lookup ? 1 : 0);
    if (lookup) Archive<T>::feed(hasher, *lookup);
  }
};

/// Rust's Result.
template <class T, class E>
  requires(!std::is_void_v<T>)
struct Archive<std::expected<T, E>> {
  using Value = std::expected<T, E>;
  using View = std::expected<ViewOf<T>, ViewOf<E>>;
  static constexpr Extent extent =
      detail::largest({detail::extent_behind_tag<T>(), detail::extent_behind_tag<E>()});

  static void own(Encoder& encoder, const Value& value) {
    if (value)
      Archive<T>::own(encoder, *value);
    else
      Archive<E>::own(encoder, value.error());
  }
  static void put(Encoder& encoder, const Value& value, std::uint64_t at) {
    encoder.store(at, std::uint8_t{!value});
    if (value)
      Archive<T>::put(encoder, *value, at + detail::behind_tag<T>);
    else
      Archive<E>::put(encoder, value.error(), at + detail::behind_tag<E>);
  }
  static View view(const std::byte* at) {
    if (is_error(at)) return View(std::unexpect, Archive<E>::view(at + detail::behind_tag<E>));
    return View(std::in_place, Archive<T>::view(at + detail::behind_tag<T>));
  }
  static Value load(const std::byte* at, Loader& loader) {
    if (is_error(at))
      return Value(std::unexpect, Archive<E>::load(at + detail::behind_tag<E>, loader));
    return Value(std::in_place, Archive<T>::load(at + detail::behind_tag<T>, loader));
  }
  static void describe(Describer& words) {
    words << "result(";
    Archive<T>::describe(words);
    words << ",";
    Archive<E>::describe(words);
    words << ")";
  }

 private:
  static bool is_error(const std::byte* at) noexcept { return *at != std::byte(); }
};

/// A described variant: an enum of Rust's. Its view is a std::variant of the alternatives' views.
template <class... Alternatives>
  requires DescribedVariant<std::variant<Alternatives...>>
struct Archive<std::variant<Alternatives...>> {
  using Value = std::variant<Alternatives...>;
  static constexpr Extent extent =
      detail::largest({detail::AlternativeArchive<Alternatives>::extent...});
  using View = std::variant<typename detail::AlternativeArchive<Alternatives>::View...>;
  static constexpr const auto& alternatives = description<Value>.alternatives;
  template <std::size_t index>
  using At = detail::AlternativeArchive<std::variant_alternative_t<index, Value>>;

  static void own(Encoder& encoder, const Value& value) {
    if (value.valueless_by_exception()) {
      encoder.refuse("a variant has no value");
      return;
    }
    with_index(value.index(), [&]<std::size_t index> {
      At<index>::own(encoder, std::get<index>(value));
      return 0;
    });
  }
  static void put(Encoder& encoder, const Value& value, std::uint64_t at) {
    encoder.store(at, alternatives[value.index()].tag);
    with_index(value.index(), [&]<std::size_t index> {
      At<index>::put(encoder, std::get<index>(value), at);
      return 0;
    });
  }
  static View view(const std::byte* at) {
    return with_index(index_of(at), [&]<std::size_t index> {
      return View(std::in_place_index<index>, At<index>::view(at));
    });
  }
  static Value load(const std::byte* at, Loader& loader) {
    return with_index(index_of(at), [&]<std::size_t index> {
      return Value(std::in_place_index<index>, At<index>::load(at, loader));
    });
  }
  static void describe(Describer& words) {
    if (!words.begin(&type_key<Value>)) {
      words << "ref(" << description<Value>.name << ")";
      return;
    }
    words << "enum(" << description<Value>.name;
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      ((words << "," << alternatives[index].name << "=" << std::to_string(alternatives[index].tag),
        At<index>::describe_fields(words)),
       ...);
    }(std::index_sequence_for<Alternatives...>());
    words << ")";
  }

 private:
  static std::size_t index_of(const std::byte* at) noexcept {
    const auto tag = rkyv::load<std::uint8_t>(at);
    std::size_t index = 0;
    while (index + 1 < alternatives.size() && alternatives[index].tag != tag) ++index;
    return index;
  }
  template <std::size_t index = 0>
  static auto with_index(std::size_t wanted, auto&& use) {
    if constexpr (index + 1 < sizeof...(Alternatives)) {
      if (wanted != index) return with_index<index + 1>(wanted, use);
    }
    return use.template operator()<index>();
  }
};

}  // namespace quire::rkyv
