// Archives of described structs, pairs and tuples: their parts, one after the other.
#pragma once

#include <compare>
#include <cstdint>
#include <tuple>
#include <utility>

#include "quire/formats/rkyv/archive.hpp"
#include "quire/formats/rkyv/record_view.hpp"

namespace quire::rkyv {

namespace detail {

/// The fields of a struct, alone or as those of a variant's alternative.
template <DescribedStruct T, std::uint64_t start>
struct FieldsArchive {
  static constexpr Extent extent = record_layout<T, start>.extent;
  using View = RecordView<T, start>;
  using Lookup = T;

  template <std::size_t index>
  using Field = Archive<FieldType<T, index>>;
  template <std::size_t index>
  static const auto& field(const T& value) {
    return description<T>.template field<index>(value);
  }

  static void own(Encoder& encoder, const T& value) {
    View::for_each([&]<std::size_t index> { Field<index>::own(encoder, field<index>(value)); });
  }
  static void put(Encoder& encoder, const T& value, std::uint64_t at) {
    View::for_each([&]<std::size_t index> {
      Field<index>::put(encoder, field<index>(value), at + record_layout<T, start>.offsets[index]);
    });
  }
  static View view(const std::byte* at) noexcept { return View(at); }
  static T load(const std::byte* at, Loader& loader) { return View(at).to_owned(loader); }
  /// name:type for each, behind what separates them.
  static void describe_fields(Describer& words, std::string_view separator) {
    View::for_each([&]<std::size_t index> {
      words << separator << description<T>.fields[index] << ":";
      Field<index>::describe(words);
      separator = ",";
    });
  }
  static std::strong_ordering compare(const T& lookup, const std::byte* at) {
    std::strong_ordering order = std::strong_ordering::equal;
    View::for_each([&]<std::size_t index> {
      if (order == 0)
        order = Field<index>::compare(field<index>(lookup), View(at).template field_at<index>());
    });
    return order;
  }
  static void feed(Hasher& hasher, const T& lookup) {
    View::for_each([&]<std::size_t index> { Field<index>::feed(hasher, field<index>(lookup)); });
  }
};

/// A pair or a tuple.
template <class Tuple, class Views, class... Parts>
struct TupleArchive {
  using View = Views;
  using Lookup = Tuple;
  static constexpr std::size_t count = sizeof...(Parts);
  template <std::size_t index>
  using Part = Archive<std::tuple_element_t<index, Tuple>>;

  struct Layout {
    std::array<std::uint64_t, count> offsets{};
    Extent extent;
    constexpr explicit Layout(std::uint64_t start) {
      StructLayout layout(start);
      offsets = {layout.add(Archive<Parts>::extent)...};
      extent = layout.extent();
    }
  };
  template <std::uint64_t start>
  static constexpr Layout layout{start};
  static constexpr Extent extent = Layout(0).extent;

  static void for_each(auto&& visit) {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      (visit.template operator()<index>(), ...);
    }(std::make_index_sequence<count>());
  }
  static void own(Encoder& encoder, const Tuple& value) {
    for_each([&]<std::size_t index> { Part<index>::own(encoder, std::get<index>(value)); });
  }
  template <std::uint64_t start = 0>
  static void put(Encoder& encoder, const Tuple& value, std::uint64_t at) {
    for_each([&]<std::size_t index> {
      Part<index>::put(encoder, std::get<index>(value), at + layout<start>.offsets[index]);
    });
  }
  template <std::uint64_t start = 0>
  static View view(const std::byte* at) {
    return [&]<std::size_t... index>(std::index_sequence<index...>) {
      return View(Part<index>::view(at + layout<start>.offsets[index])...);
    }(std::make_index_sequence<count>());
  }
  template <std::uint64_t start = 0>
  static Tuple load(const std::byte* at, [[maybe_unused]] Loader& loader) {
    return [&]<std::size_t... index>(std::index_sequence<index...>) {
      return Tuple(Part<index>::load(at + layout<start>.offsets[index], loader)...);
    }(std::make_index_sequence<count>());
  }
  static void describe(Describer& words) {
    std::string_view separator = "tuple(";
    for_each([&]<std::size_t index> {
      words << separator;
      Part<index>::describe(words);
      separator = ",";
    });
    words << ")";
  }
  static void describe_fields(Describer& words, std::string_view separator) {
    for_each([&]<std::size_t index> {
      words << separator << std::to_string(index) << ":";
      Part<index>::describe(words);
      separator = ",";
    });
  }
  static std::strong_ordering compare(const Tuple& lookup, const std::byte* at) {
    std::strong_ordering order = std::strong_ordering::equal;
    for_each([&]<std::size_t index> {
      if (order == 0)
        order = Part<index>::compare(std::get<index>(lookup), at + layout<0>.offsets[index]);
    });
    return order;
  }
  static void feed(Hasher& hasher, const Tuple& lookup) {
    for_each([&]<std::size_t index> { Part<index>::feed(hasher, std::get<index>(lookup)); });
  }
};

}  // namespace detail

template <DescribedStruct T>
struct Archive<T> : detail::FieldsArchive<T, 0> {
  static void describe(Describer& words) {
    if (!words.begin(&type_key<T>)) {
      words << "ref(" << description<T>.name << ")";
      return;
    }
    words << "struct(" << description<T>.name;
    detail::FieldsArchive<T, 0>::describe_fields(words, ",");
    words << ")";
  }
};

template <class First, class Second>
struct Archive<std::pair<First, Second>>
    : detail::TupleArchive<std::pair<First, Second>, std::pair<ViewOf<First>, ViewOf<Second>>,
                           First, Second> {};
template <class... Parts>
  requires(sizeof...(Parts) > 0)
struct Archive<std::tuple<Parts...>>
    : detail::TupleArchive<std::tuple<Parts...>, std::tuple<ViewOf<Parts>...>, Parts...> {};

}  // namespace quire::rkyv
