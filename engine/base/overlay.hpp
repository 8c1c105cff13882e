// The helpers that look at bytes as structs: of the file, of memory that processes share, and of
// libraries.
//
// Every struct of the file is made of byte arrays (alignment 1, no padding) and trivial, so any
// bytes are a valid object representation; whether the values make sense is the door's business.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>

namespace quire {

template <class T>
concept OnDisk = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> && alignof(T) == 1;

template <OnDisk T>
const T* overlay(const std::byte* bytes) noexcept {
  return reinterpret_cast<const T*>(bytes);
}

template <OnDisk T>
T* overlay(std::byte* bytes) noexcept {
  return reinterpret_cast<T*>(bytes);
}

/// A struct that was made there: atomic words by this process or another, or what a library keeps.
template <class T>
  requires std::is_standard_layout_v<T>
T* shared_overlay(std::byte* bytes) noexcept {
  return std::launder(reinterpret_cast<T*>(bytes));
}

}  // namespace quire
