// PlainFormat: scalars and trivially copyable structs, stored as they lie in memory.
//
// A view is a reference to the stored object itself. The bytes are those of this processor and
// compiler: little endian, with the struct's own layout and padding. Change the layout of a struct,
// and tables of the old one can no longer be opened as the new one, because size, alignment or the
// name that you give (type_name) differ. Describe the struct (QUIRE_DESCRIBE), and the file says of
// each field where it lies, what it is called and of which type it is: then any change of them is
// noticed, kvtool shows the fields, and a bool that is neither 0 nor 1 is reported `corrupt`.
//
// Keep pointers out of such structs: they mean nothing to the next process. Padding is stored as it
// is found, so clear a struct that has some where its leftovers must not reach the file.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/in_place.hpp"
#include "quire/formats/names.hpp"
#include "quire/formats/plain_fields.hpp"

namespace quire {

/// Law: copying the bytes of an object makes the same object, in any process.
/// What can be told by its type to refer to other memory is refused.
template <class T>
concept PlainValue = std::is_trivially_copyable_v<T> && std::is_object_v<T> &&
                     !std::is_const_v<T> && !std::is_volatile_v<T> && !std::is_array_v<T> &&
                     !std::is_empty_v<T> && alignof(T) <= 64 && !detail::refers_elsewhere<T>();

struct PlainFormat {
  static constexpr std::string_view name = "plain";
  static constexpr std::uint32_t version = 1;

  template <PlainValue T>
  using Argument = T;
  template <PlainValue T>
  using View = const T&;

  template <PlainValue T>
  [[nodiscard]] constexpr std::uint32_t alignment() const noexcept {
    return alignof(T);
  }

  /// "plain(u32)", "plain(Company,size=96,align=4)", without a name "plain(size=96,align=4)", and
  /// of a described struct "plain(Point,size=8,align=4,0:x:i32,4:y:i32)".
  template <PlainValue T>
  [[nodiscard]] std::string descriptor() const {
    std::string text = scalar_name<T>();
    if (text.empty()) text = detail::struct_words<T>();
    return "plain(" + text + ")";
  }

  template <PlainValue T>
  [[nodiscard]] Bytes stored_bytes(const T& value) const noexcept {
    return std::as_bytes(std::span(&value, 1));
  }

  template <PlainValue T>
  static constexpr std::size_t fixed_size = sizeof(T);
  template <class F, PlainValue T>
  static constexpr bool checks_size_only =
      std::same_as<F, PlainFormat> && !detail::has_plain_rule<T>();
  /// All bytes are zero at first, whatever initialisers T's members have.
  template <PlainValue T>
  [[nodiscard]] T& room(MutableBytes stored) const noexcept {
    return object_in<T>(stored);
  }

  template <PlainValue T>
  [[nodiscard]] Status check(Bytes stored) const {
    if (stored.size() == sizeof(T) && is_aligned(stored, alignof(T)) && detail::is_plain<T>(stored))
        [[likely]] {
      return {};
    }
    return refused<T>(stored.size());
  }

  template <PlainValue T>
  [[nodiscard]] const T& view(Bytes stored) const noexcept {
    return object_in<T>(stored);
  }

 private:
  /// Out of the way of values that are right: so the compiler makes no call of check().
  template <PlainValue T>
  [[gnu::cold, gnu::noinline]] static Status refused(std::size_t size) {
    std::string detail = "a value of ";
    detail.append(std::to_string(size)).append(" bytes is no ");
    detail.append(PlainFormat().descriptor<T>());
    return fail(Error(ErrorCode::corrupt).with_detail(std::move(detail)));
  }
};
static_assert(ValueFormat<PlainFormat, std::uint32_t> && ValueFormat<PlainFormat, double>);
static_assert(FillsInPlace<PlainFormat, double> && HasFixedSize<PlainFormat, double>);
static_assert(StoresInPlace<PlainFormat, bool> && !PlainValue<const char*> &&
              !PlainValue<std::string_view> && !PlainValue<Bytes>);

}  // namespace quire
