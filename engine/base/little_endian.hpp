// Integers as they lie in the file: little endian, alignment 1, overlaid on mapped bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace quire {

static_assert(std::endian::native == std::endian::little,
              "on a big-endian machine LittleEndian must swap; nothing else depends on the order");

/// An unsigned integer of `width` bytes in the file. Trivially copyable, no padding, no alignment.
template <class Integer, std::size_t width = sizeof(Integer)>
class LittleEndian {
 public:
  LittleEndian() = default;
  LittleEndian(Integer value) { store(value); }  // NOLINT(google-explicit-constructor)
  LittleEndian& operator=(Integer value) {
    store(value);
    return *this;
  }
  operator Integer() const {  // NOLINT(google-explicit-constructor)
    if constexpr (width == sizeof(Integer)) {
      Integer value;
      std::memcpy(&value, bytes_, width);
      return value;
    } else {
      // Of two integers: if the value were put together in memory, reading it would wait for that.
      static_assert(width == 6 && sizeof(Integer) == 8);
      std::uint32_t low = 0;
      std::uint16_t high = 0;
      std::memcpy(&low, bytes_, sizeof(low));
      std::memcpy(&high, bytes_ + sizeof(low), sizeof(high));
      return Integer{high} << 32 | low;
    }
  }

 private:
  void store(Integer value) { std::memcpy(bytes_, &value, width); }
  unsigned char bytes_[width];
};

using U16le = LittleEndian<std::uint16_t>;
using U32le = LittleEndian<std::uint32_t>;
using U48le = LittleEndian<std::uint64_t, 6>;
using U64le = LittleEndian<std::uint64_t>;

static_assert(sizeof(U48le) == 6 && alignof(U48le) == 1 && sizeof(U64le) == 8);

}  // namespace quire
