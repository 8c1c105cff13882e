// attempt: work after which it goes on, whatever happens.
#pragma once

#include "quire/engine/base/result.hpp"

namespace quire {

/// What work comes to. An exception is a failure, too: io_failed.
template <class Work>
Status attempt(const Work& work) noexcept try {
  return work();
} catch (...) {
  return fail(ErrorCode::io_failed);  // it failed, and there was no memory to say how
}

}  // namespace quire
