// Both the calls with 64-bit offsets and those without are defined here, so neither name may stand
// for the other.
#undef _FILE_OFFSET_BITS

#include "peers/syncs.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdarg>
#include <cstddef>

namespace bench::peers {

namespace {

std::atomic<std::uint64_t> sync_count = 0;

/// Which files were opened to be synced by each write, by descriptor.
constexpr std::size_t most_descriptors = 65'536;
std::array<std::atomic<bool>, most_descriptors> syncs_each_write;

void count_sync() noexcept { sync_count.fetch_add(1, std::memory_order_relaxed); }

/// The call of the C library that has this name, found once.
template <class Call>
class Original {
 public:
  explicit constexpr Original(const char* name) noexcept : name_(name) {}
  Call* operator*() noexcept {
    Call* call = call_.load(std::memory_order_relaxed);
    if (call == nullptr) {
      call = std::bit_cast<Call*>(::dlsym(RTLD_NEXT, name_));
      call_.store(call, std::memory_order_relaxed);
    }
    return call;
  }

 private:
  const char* name_;
  std::atomic<Call*> call_ = nullptr;
};

int note_opened(int descriptor, int flags) noexcept {
  if (descriptor >= 0 && static_cast<std::size_t>(descriptor) < most_descriptors)
    syncs_each_write.at(static_cast<std::size_t>(descriptor)) = (flags & O_DSYNC) != 0;
  return descriptor;
}

/// Either the file is one that is synced by each write, or the flags say that this one is.
void note_write(int descriptor, int flags = 0) noexcept {
  if ((flags & (RWF_DSYNC | RWF_SYNC)) != 0) return count_sync();
  if (descriptor >= 0 && static_cast<std::size_t>(descriptor) < most_descriptors &&
      syncs_each_write.at(static_cast<std::size_t>(descriptor)).load(std::memory_order_relaxed))
    count_sync();
}

/// The mode that follows the flags of an opening, where there is one.
mode_t mode_behind(int flags, std::va_list rest) noexcept {
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return has_mode ? va_arg(rest, mode_t) : 0;
}

}  // namespace

std::uint64_t count_syncs() noexcept { return sync_count.load(std::memory_order_relaxed); }

}  // namespace bench::peers

// What follows takes the place of the C library's calls in all libraries of the process.

using bench::peers::count_sync;
using bench::peers::mode_behind;
using bench::peers::note_opened;
using bench::peers::note_write;
using bench::peers::Original;

extern "C" {

int fsync(int descriptor) {
  static Original<int(int)> original("fsync");
  count_sync();
  return (*original)(descriptor);
}

int fdatasync(int descriptor) {
  static Original<int(int)> original("fdatasync");
  count_sync();
  return (*original)(descriptor);
}

int msync(void* address, std::size_t size, int flags) {
  static Original<int(void*, std::size_t, int)> original("msync");
  if ((flags & MS_SYNC) != 0) count_sync();
  return (*original)(address, size, flags);
}

int sync_file_range(int descriptor, off64_t offset, off64_t size, unsigned flags) {
  static Original<int(int, off64_t, off64_t, unsigned)> original("sync_file_range");
  constexpr unsigned waits = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER;
  if ((flags & waits) != 0) count_sync();
  return (*original)(descriptor, offset, size, flags);
}

int open(const char* path, int flags, ...) {
  static Original<int(const char*, int, ...)> original("open");
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_behind(flags, rest);
  va_end(rest);
  return note_opened((*original)(path, flags, mode), flags);
}

int open64(const char* path, int flags, ...) {
  static Original<int(const char*, int, ...)> original("open64");
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_behind(flags, rest);
  va_end(rest);
  return note_opened((*original)(path, flags, mode), flags);
}

ssize_t write(int descriptor, const void* data, std::size_t size) {
  static Original<ssize_t(int, const void*, std::size_t)> original("write");
  note_write(descriptor);
  return (*original)(descriptor, data, size);
}

ssize_t pwrite(int descriptor, const void* data, std::size_t size, off_t offset) {
  static Original<ssize_t(int, const void*, std::size_t, off_t)> original("pwrite");
  note_write(descriptor);
  return (*original)(descriptor, data, size, offset);
}

ssize_t pwrite64(int descriptor, const void* data, std::size_t size, off64_t offset) {
  static Original<ssize_t(int, const void*, std::size_t, off64_t)> original("pwrite64");
  note_write(descriptor);
  return (*original)(descriptor, data, size, offset);
}

ssize_t writev(int descriptor, const iovec* pieces, int count) {
  static Original<ssize_t(int, const iovec*, int)> original("writev");
  note_write(descriptor);
  return (*original)(descriptor, pieces, count);
}

ssize_t pwritev(int descriptor, const iovec* pieces, int count, off_t offset) {
  static Original<ssize_t(int, const iovec*, int, off_t)> original("pwritev");
  note_write(descriptor);
  return (*original)(descriptor, pieces, count, offset);
}

ssize_t pwritev64(int descriptor, const iovec* pieces, int count, off64_t offset) {
  static Original<ssize_t(int, const iovec*, int, off64_t)> original("pwritev64");
  note_write(descriptor);
  return (*original)(descriptor, pieces, count, offset);
}

ssize_t pwritev2(int descriptor, const iovec* pieces, int count, off_t offset, int flags) {
  static Original<ssize_t(int, const iovec*, int, off_t, int)> original("pwritev2");
  note_write(descriptor, flags);
  return (*original)(descriptor, pieces, count, offset, flags);
}

ssize_t pwritev64v2(int descriptor, const iovec* pieces, int count, off64_t offset, int flags) {
  static Original<ssize_t(int, const iovec*, int, off64_t, int)> original("pwritev64v2");
  note_write(descriptor, flags);
  return (*original)(descriptor, pieces, count, offset, flags);
}

}  // extern "C"
