// StableMemory: addresses that stay valid for as long as the process lives.
//
// What lies there may change: private memory that reads as zero, or the bytes of a file that
// processes share. So a pointer into it may be used late, by somebody who does not know that what
// it was for is gone.
#pragma once

#include <cstddef>
#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/descriptor.hpp"

namespace quire {

/// Never given back to the system. One thread at a time changes what lies there.
class StableMemory {
 public:
  /// So many bytes, private. std::bad_alloc where the system has none.
  explicit StableMemory(std::size_t size);
  StableMemory(const StableMemory&) = delete;
  StableMemory& operator=(const StableMemory&) = delete;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Puts the file there, which is at least as long. Where that fails nothing has changed.
  Status show(const Descriptor& file, const std::string& path);
  /// Private memory again, with what is there now: for a process that only looks like another.
  void make_private() noexcept;
  /// Private memory again, which reads as zero.
  void clear() noexcept;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace quire
