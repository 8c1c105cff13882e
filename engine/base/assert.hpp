// Assertions are about ourselves; errors are about the world.
//
// QUIRE_ASSERT: O(1), always on. QUIRE_AUDIT: may walk a page or a list; on when built with
// -Daudit=true, as the tests are. Neither may depend on anything that a file, a user or the system
// can make false.
#pragma once

namespace quire {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace quire

#define QUIRE_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::quire::assertion_failed(#condition, __FILE__, __LINE__))

#if defined(QUIRE_AUDITING)
#define QUIRE_AUDIT(condition) QUIRE_ASSERT(condition)
#else
#define QUIRE_AUDIT(condition) static_cast<void>(0)
#endif
