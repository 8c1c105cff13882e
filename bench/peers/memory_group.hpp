// A control group that gives a process less memory than the machine has, page cache included.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace bench::peers {

/// Goes with this, when no process is in it any more.
class MemoryGroup {
 public:
  /// With so many bytes. Nothing where this process may not make such groups.
  static std::optional<MemoryGroup> make(std::uint64_t limit);

  MemoryGroup(MemoryGroup&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  MemoryGroup& operator=(MemoryGroup&&) = delete;
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;
  ~MemoryGroup();

  /// Its directory, by which a process joins it.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Moves the calling process into the group. Throws std::runtime_error.
  static void join(const std::string& path);

 private:
  explicit MemoryGroup(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace bench::peers
