#include "quire/engine/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace quire {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  static_cast<void>(std::fprintf(stderr, "quire: a rule of its own does not hold: %s (%s:%d)\n",
                                 condition, file, line));
  std::abort();
}

}  // namespace quire
