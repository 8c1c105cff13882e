// Archives of pointers. What a unique_ptr or shared_ptr points to is shown as if it were there
// itself; neither may be null. A weak_ptr may.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "quire/formats/rkyv/archive.hpp"

namespace quire::rkyv {

namespace detail {

template <class T>
std::uint64_t append_pointee(Encoder& encoder, const T& value) {
  return encoder.together(
      Archive<T>::extent.align, Archive<T>::extent.size, [&] { Archive<T>::own(encoder, value); },
      [&](std::uint64_t at) { Archive<T>::put(encoder, value, at); });
}

/// The first time; later only where that was.
template <class T>
std::uint64_t append_shared(Encoder& encoder, const T& value) {
  return encoder.shared(&value, &type_key<T>, [&] { return append_pointee(encoder, value); });
}

template <class T>
struct PointerArchive {
  static constexpr Extent extent{4, 4};
  using View = ViewOf<T>;

  static void put(Encoder& encoder, const auto&, std::uint64_t at) {
    encoder.point(at, encoder.take_place());
  }
  static View view(const std::byte* at) { return Archive<T>::view(target_of(at)); }
  static void describe(Describer& words, std::string_view pointer) {
    words << pointer << "(";
    Archive<T>::describe(words);
    words << ")";
  }
};

}  // namespace detail

/// Rust's Box.
template <class T>
struct Archive<std::unique_ptr<T>> : detail::PointerArchive<T> {
  using Pointer = std::unique_ptr<T>;

  static void own(Encoder& encoder, const Pointer& pointer) {
    if (pointer)
      encoder.remember(detail::append_pointee(encoder, *pointer));
    else
      encoder.refuse("a unique_ptr is null: make it optional");
  }
  static Pointer load(const std::byte* at, Loader& loader) {
    return std::make_unique<T>(Archive<T>::load(target_of(at), loader));
  }
  static void describe(Describer& words) { detail::PointerArchive<T>::describe(words, "box"); }
};

/// Rust's Arc. What several point to is written once, and loaded once.
template <class T>
struct Archive<std::shared_ptr<T>> : detail::PointerArchive<T> {
  using Pointer = std::shared_ptr<T>;

  static void own(Encoder& encoder, const Pointer& pointer) {
    if (pointer)
      encoder.remember(detail::append_shared(encoder, *pointer));
    else
      encoder.refuse("a shared_ptr is null: make it optional");
  }
  static Pointer load(const std::byte* at, Loader& loader) {
    const std::byte* const object = target_of(at);
    return loader.shared<T>(object,
                            [&] { return std::make_shared<T>(Archive<T>::load(object, loader)); });
  }
  static void describe(Describer& words) { detail::PointerArchive<T>::describe(words, "arc"); }
};

/// Rust's Weak of an Arc. Loaded, it points to nothing.
template <class T>
struct Archive<std::weak_ptr<T>> : detail::PointerArchive<T> {
  using View = std::optional<ViewOf<T>>;
  using Pointer = std::weak_ptr<T>;

  static void own(Encoder& encoder, const Pointer& pointer) {
    const std::shared_ptr<T> strong = pointer.lock();
    encoder.remember(strong ? detail::append_shared(encoder, *strong) : Encoder::no_place);
  }
  static View view(const std::byte* at) {
    return is_null(at) ? View() : View(Archive<T>::view(target_of(at)));
  }
  static Pointer load(const std::byte*, Loader&) noexcept { return {}; }
  static void describe(Describer& words) {
    words << "weak(";
    Archive<std::shared_ptr<T>>::describe(words);
    words << ")";
  }
};

}  // namespace quire::rkyv
