// Descriptor: an open file of the system, and what several classes do with one.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"

namespace quire {

/// Makes a system call until no signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto answer = call();
    if (answer >= 0 || errno != EINTR) return answer;
  }
}

/// What errno says of the last call on the file at this path.
Failure failed(const std::string& path);

/// A file descriptor, closed when it goes. Closing gives up its locks, unless a map of it is left.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  /// errno says why it is not open. Not inherited by programs that this one starts.
  static Descriptor open(const std::string& path, int flags);

  [[nodiscard]] int value() const { return value_; }
  [[nodiscard]] bool is_open() const { return value_ >= 0; }
  void close() noexcept;

 private:
  int value_ = -1;
};

/// Device and inode, or why there are none.
Result<std::array<std::uint64_t, 2>> identity_of(const Descriptor& descriptor,
                                                 const std::string& path);

/// An open-file-description lock on the byte at this offset. busy: somebody holds one that excludes
/// it, and the caller does not wait. unsupported_file: the file system has no such locks.
Status lock_byte(const Descriptor& descriptor, const std::string& path, std::int64_t offset,
                 LockKind kind, LockWait wait);
void unlock_bytes(const Descriptor& descriptor, std::int64_t offset, std::int64_t count) noexcept;
/// Whether an opening other than this one holds a lock on any of these bytes.
[[nodiscard]] bool is_any_locked(const Descriptor& descriptor, std::int64_t offset,
                                 std::int64_t count);

}  // namespace quire
