// RecordView: an archived struct, whose fields are read in place by their names.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "quire/formats/rkyv/archive.hpp"

namespace quire::rkyv {

template <DescribedStruct T, std::uint64_t start = 0>
class RecordView;

/// Known before the archive of the struct is: a struct may have parts that refer to it.
template <DescribedStruct T>
struct ViewFor<T> {
  using type = RecordView<T>;
};

/// Where the fields of a struct lie that begins behind so many bytes, and what it takes with them.
template <DescribedStruct T, std::uint64_t start>
struct RecordLayout {
  std::array<std::uint64_t, field_count<T>> offsets{};
  Extent extent;

  constexpr RecordLayout() {
    StructLayout layout(start);
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      ((offsets[index] = layout.add(Archive<FieldType<T, index>>::extent)), ...);
    }(std::make_index_sequence<field_count<T>>());
    extent = layout.extent();
  }
};

template <DescribedStruct T, std::uint64_t start>
inline constexpr RecordLayout<T, start> record_layout{};

/// Has a function for each field: view.name(). start is 1 for the fields of a variant's
/// alternative, which lie behind its tag. Valid as long as the bytes are.
template <DescribedStruct T, std::uint64_t start>
class RecordView
    : public std::remove_cv_t<decltype(description<T>)>::template Accessors<RecordView<T, start>> {
 public:
  explicit RecordView(const std::byte* at) noexcept : at_(at) {}

  /// The field that the pointer to a member names.
  template <auto member>
  [[nodiscard]] decltype(auto) get() const {
    return field<description<T>.template index_of<member>()>();
  }
  /// By its number.
  template <std::size_t index>
  [[nodiscard]] auto field() const {
    return Archive<FieldType<T, index>>::view(field_at<index>());
  }
  template <std::size_t index>
  [[nodiscard]] const std::byte* field_at() const noexcept {
    return at_ + record_layout<T, start>.offsets[index];
  }
  /// A struct of its own with all that this shows.
  [[nodiscard]] T to_owned() const {
    Loader loader;
    return to_owned(loader);
  }
  /// The same as a part of another value.
  [[nodiscard]] T to_owned(Loader& loader) const {
    T value{};
    for_each([&]<std::size_t index> {
      description<T>.template field<index>(value) =
          Archive<FieldType<T, index>>::load(field_at<index>(), loader);
    });
    return value;
  }

  static void for_each(auto&& visit) {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      (visit.template operator()<index>(), ...);
    }(std::make_index_sequence<field_count<T>>());
  }

 private:
  const std::byte* at_;
};

}  // namespace quire::rkyv
