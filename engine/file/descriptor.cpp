#include "quire/engine/file/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quire/engine/file/system_error.hpp"

namespace quire {
namespace {

struct ::flock range_of(short type, std::int64_t offset, std::int64_t count) {
  struct ::flock range{};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = offset;
  range.l_len = count;
  return range;
}

}  // namespace

Failure failed(const std::string& path) { return fail(system_error(errno, path)); }

Descriptor Descriptor::open(const std::string& path, int flags) {
  constexpr ::mode_t mode = 0666;  // less the umask, like any file the user makes
  return Descriptor(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

void Descriptor::close() noexcept {
  if (is_open()) ::close(std::exchange(value_, -1));
}

Result<std::array<std::uint64_t, 2>> identity_of(const Descriptor& descriptor,
                                                 const std::string& path) {
  struct ::stat status{};
  if (::fstat(descriptor.value(), &status) != 0) return failed(path);
  return std::array<std::uint64_t, 2>{status.st_dev, status.st_ino};
}

Status lock_byte(const Descriptor& descriptor, const std::string& path, std::int64_t offset,
                 LockKind kind, LockWait wait) {
  const short type = kind == LockKind::exclusive ? F_WRLCK : F_RDLCK;
  struct ::flock range = range_of(type, offset, 1);
  const int command = wait == LockWait::yes ? F_OFD_SETLKW : F_OFD_SETLK;
  const int done = uninterrupted([&] { return ::fcntl(descriptor.value(), command, &range); });
  if (done == 0) return {};
  if (errno == EACCES) errno = EAGAIN;  // the standard allows either for "somebody holds it"
  if (errno == EINVAL) errno = EOPNOTSUPP;
  return failed(path);
}

void unlock_bytes(const Descriptor& descriptor, std::int64_t offset, std::int64_t count) noexcept {
  struct ::flock range = range_of(F_UNLCK, offset, count);
  ::fcntl(descriptor.value(), F_OFD_SETLK, &range);
}

bool is_any_locked(const Descriptor& descriptor, std::int64_t offset, std::int64_t count) {
  struct ::flock range = range_of(F_WRLCK, offset, count);
  const int done = ::fcntl(descriptor.value(), F_OFD_GETLK, &range);
  return done == 0 && range.l_type != F_UNLCK;
}

}  // namespace quire
