// Archives of pointers. What a unique_ptr or shared_ptr points to is shown as if it were there
// itself; neither may be null. A weak_ptr may.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "quire/formats/rkyv/archive.hpp"

namespace quire::rkyv {

namespace detail {

template <class T>
std::uint64_t append_pointee(Encoder& encoder, const T& value) {
  return encoder.together(
      Archive<T>::extent.align, Archive<T>::extent.size, [&] { Archive<T>::own(encoder, value); },
      [&](std::uint64_t at) { Archive<T>::put(encoder, value, at); });
}

inline constexpr Extent pointer_extent{4, 4};

template <class T>
struct SharedArchive {
  static std::uint64_t append(Encoder& encoder, const T& value) {
    return encoder.shared(&value, &type_key<T>, [&] { return append_pointee(encoder, value); });
  }
};

}  // namespace detail

/// Rust's Box.
template <class T>
struct Archive<std::unique_ptr<T>> {
  static constexpr Extent extent = detail::pointer_extent;
  using View = ViewOf<T>;
  using Pointer = std::unique_ptr<T>;

  static void own(Encoder& encoder, const Pointer& pointer) {
    if (pointer)
      encoder.remember(detail::append_pointee(encoder, *pointer));
    else
      encoder.refuse("a unique_ptr is null: make it optional");
  }
  static void put(Encoder& encoder, const Pointer&, std::uint64_t at) {
    encoder.point(at, encoder.take_place());
  }
  static View view(const std::byte* at) { return Archive<T>::view(target_of(at)); }
  static Pointer load(const std::byte* at) {
    return std::make_unique<T>(Archive<T>::load(target_of(at)));
  }
  static void describe(Describer& words) {
    words << "box(";
    Archive<T>::describe(words);
    words << ")";
  }
};

/// Rust's Arc. What several point to is written once, and loaded once for each.
template <class T>
struct Archive<std::shared_ptr<T>> {
  static constexpr Extent extent = detail::pointer_extent;
  using View = ViewOf<T>;
  using Pointer = std::shared_ptr<T>;

  static void own(Encoder& encoder, const Pointer& pointer) {
    if (pointer)
      encoder.remember(detail::SharedArchive<T>::append(encoder, *pointer));
    else
      encoder.refuse("a shared_ptr is null: make it optional");
  }
  static void put(Encoder& encoder, const Pointer&, std::uint64_t at) {
    encoder.point(at, encoder.take_place());
  }
  static View view(const std::byte* at) { return Archive<T>::view(target_of(at)); }
  static Pointer load(const std::byte* at) {
    return std::make_shared<T>(Archive<T>::load(target_of(at)));
  }
  static void describe(Describer& words) {
    words << "arc(";
    Archive<T>::describe(words);
    words << ")";
  }
};

/// Rust's Weak of an Arc. Loaded, it points to nothing that anybody else keeps.
template <class T>
struct Archive<std::weak_ptr<T>> {
  static constexpr Extent extent = detail::pointer_extent;
  using View = std::optional<ViewOf<T>>;
  using Pointer = std::weak_ptr<T>;

  static void own(Encoder& encoder, const Pointer& pointer) {
    const std::shared_ptr<T> strong = pointer.lock();
    encoder.remember(strong ? detail::SharedArchive<T>::append(encoder, *strong) : no_place);
  }
  static void put(Encoder& encoder, const Pointer&, std::uint64_t at) {
    const std::uint64_t place = encoder.take_place();
    if (place == no_place)
      encoder.store(at, null_offset);
    else
      encoder.point(at, place);
  }
  static View view(const std::byte* at) {
    return is_null(at) ? View() : View(Archive<T>::view(target_of(at)));
  }
  static void describe(Describer& words) {
    words << "weak(arc(";
    Archive<T>::describe(words);
    words << "))";
  }

 private:
  static constexpr std::uint64_t no_place = UINT64_MAX;
};

}  // namespace quire::rkyv
