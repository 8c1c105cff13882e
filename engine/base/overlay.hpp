// The one helper that looks at bytes as a struct of the file.
//
// Every struct it is used with is made of byte arrays (alignment 1, no padding) and trivial, so any
// bytes are a valid object representation; whether the values make sense is the door's business.
#pragma once

#include <cstddef>
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

}  // namespace quire
