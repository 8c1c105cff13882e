// The table from errno to ErrorCode.
//
// Invariant: a code says the same whatever call failed, so callers need not know which one it was.
#include "quire/engine/file/system_error.hpp"

#include <cerrno>

namespace quire {

ErrorCode code_of_system(int error_number) noexcept {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorCode::no_space;
    case ENOENT:
    case ENOTDIR: return ErrorCode::file_missing;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::permission;
    case EAGAIN: return ErrorCode::busy;
    case EISDIR:
    case ENXIO:
    case ENODEV:
    case ENOSYS:
    case EOPNOTSUPP: return ErrorCode::unsupported_file;
    case EINVAL:
    case ELOOP:
    case ENAMETOOLONG: return ErrorCode::invalid_argument;
    default: return ErrorCode::io_failed;
  }
}

Error system_error(int error_number, const std::string& path) {
  return Error(code_of_system(error_number)).with_system(error_number).with_detail(path);
}

}  // namespace quire
