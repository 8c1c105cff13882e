// prefetch: asks the processor for a line of memory that will be wanted soon.
#pragma once

namespace quire {

/// Never faults. __builtin_prefetch alone is nothing that the compiler has to keep: GCC drops calls
/// of functions that do no more than that, unless it has put them into their callers before.
[[gnu::always_inline]] inline void prefetch(const void* address) noexcept {
  __builtin_prefetch(address);
  asm volatile("");
}

}  // namespace quire
