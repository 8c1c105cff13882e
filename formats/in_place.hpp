// The one helper that looks at stored bytes as a user's object.
//
// What a user stores in place is trivially copyable, so an object of it exists wherever its bytes
// lie, once size and alignment are right.
#pragma once

#include <type_traits>

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// Needs bytes of at least T's size, at T's alignment.
template <class T>
  requires std::is_trivially_copyable_v<T>
const T& object_in(Bytes bytes) noexcept {
  // NOLINTNEXTLINE(bugprone-casting-through-void): bytes of a file are no T until read as one.
  return *static_cast<const T*>(static_cast<const void*>(bytes.data()));
}
template <class T>
  requires std::is_trivially_copyable_v<T>
T& object_in(MutableBytes bytes) noexcept {
  // NOLINTNEXTLINE(bugprone-casting-through-void): the same.
  return *static_cast<T*>(static_cast<void*>(bytes.data()));
}

}  // namespace quire
