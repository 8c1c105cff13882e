// KeyEnd: a stored key that begins as the one before it does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace quire {

/// What is another than in the key before, in the pieces that a leaf has it in. Plain numbers,
/// which compilers keep in registers.
struct KeyEnd {
  std::size_t kept;                ///< so many bytes at the front are those of the key before
  std::size_t size;                ///< so many follow
  std::array<std::byte, 8> front;  ///< the first of these; any bytes beyond them
  const std::byte* tail;           ///< those behind the front, if there are more
  std::size_t readable;            ///< so many bytes may be read there; any beyond the key's
  std::uint64_t kept_front;        ///< the kept bytes, big-endian, at the upper end of a word of
                                   ///< zeros; anything where they are eight or more
};

}  // namespace quire
