// prefetch: asks the processor for memory that will be wanted soon.
#pragma once

#include <cstddef>

namespace quire {

/// What memory comes in, and what prefetch() asks for.
inline constexpr std::size_t cache_line_size = 64;

/// Never faults. __builtin_prefetch alone is nothing that the compiler has to keep: GCC drops calls
/// of functions that do no more than that, unless it has put them into their callers before.
[[gnu::always_inline]] inline void prefetch(const void* address) noexcept {
  __builtin_prefetch(address);
  asm volatile("");
}

/// The same of the first of every cache_line_size bytes: of all lines that these lie in, but for
/// the last one where they do not begin with a line.
[[gnu::always_inline]] inline void prefetch(const std::byte* begin, std::size_t size) noexcept {
  for (std::size_t at = 0; at < size; at += cache_line_size) prefetch(begin + at);
}

}  // namespace quire
