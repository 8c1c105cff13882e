// Errors from errno: one table from what the system says to what the engine says.
//
// Every Error made here carries the errno and the path, so that its message names both.
#pragma once

#include <string>

#include "quire/engine/base/error.hpp"

namespace quire {

/// The code that stands for an errno, whatever call it came from; io_failed when nothing says more.
ErrorCode code_of_system(int error_number) noexcept;

/// The error that a failed system call on the file at this path left in errno.
Error system_error(int error_number, const std::string& path);

}  // namespace quire
