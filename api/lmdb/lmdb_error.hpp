// Errors of LMDB, in our words.
#pragma once

#include <string>

#include "quire/engine/base/result.hpp"

namespace quire {

/// Of a call that gave this code, which is not 0; `of` says what it was about, such as a path. The
/// detail has LMDB's own words.
Failure lmdb_failure(int code, const std::string& of);

}  // namespace quire
