// HeapBytes: bytes on the heap at a given alignment, shared by their copies.
//
// They hold what cannot be read in place: a value before it is stored, one that had to be unpacked,
// and the copy of a value that its transaction may still change.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

/// Copies share the bytes, which go with the last of them. As thread-safe as a std::shared_ptr.
class HeapBytes {
 public:
  /// Room for size bytes, not initialised.
  HeapBytes(std::size_t size, std::size_t alignment)
      : room_(allocate(size, std::align_val_t{alignment}), Release{std::align_val_t{alignment}}),
        size_(size) {}
  HeapBytes(Bytes content, std::size_t alignment) : HeapBytes(content.size(), alignment) {
    copy_bytes(room_.get(), content);
  }

  [[nodiscard]] Bytes bytes() const noexcept { return {room_.get(), size_}; }
  [[nodiscard]] MutableBytes room() noexcept { return {room_.get(), size_}; }

  /// The same bytes once more: what a guard asks of what keeps its value.
  [[nodiscard]] Result<HeapBytes> share() const { return *this; }

 private:
  struct Release {
    std::align_val_t alignment;
    void operator()(std::byte* room) const noexcept { ::operator delete(room, alignment); }
  };
  static std::byte* allocate(std::size_t size, std::align_val_t alignment) {
    return static_cast<std::byte*>(::operator new(size, alignment));
  }

  std::shared_ptr<std::byte> room_;
  std::size_t size_;
};

}  // namespace quire
