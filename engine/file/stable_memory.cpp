// Boost.Interprocess has no way to map over what is mapped already, and gives back what it mapped.
#include "quire/engine/file/stable_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace quire {
namespace {

constexpr int both_ways = PROT_READ | PROT_WRITE;
constexpr int private_memory = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

}  // namespace

StableMemory::StableMemory(std::size_t size) : size_(size) {
  void* const address = ::mmap(nullptr, size, both_ways, private_memory, -1, 0);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the system's own word for "none"
  if (address == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<std::byte*>(address);
}

Status StableMemory::show(const Descriptor& file, const std::string& path) {
  void* const address = ::mmap(data_, size_, both_ways, MAP_SHARED | MAP_FIXED, file.value(), 0);
  if (address != data_) return failed(path);
  ::madvise(address, size_, MADV_RANDOM);  // else the system brings much of it for each first touch
  return {};
}

/// Where there is a map already, another one over it needs nothing that could be missing.
void StableMemory::clear() noexcept {
  [[maybe_unused]] const void* const zeros =
      ::mmap(data_, size_, both_ways, private_memory | MAP_FIXED, -1, 0);
}

/// Piece by piece, with memory of its own: it may run where nothing can be allocated.
void StableMemory::make_private() noexcept {
  constexpr std::size_t piece_size = 65536;  // a multiple of every system's page
  std::array<std::byte, piece_size> piece;
  for (std::size_t at = 0; at < size_; at += piece_size) {
    const std::size_t size = std::min(piece_size, size_ - at);
    std::memcpy(piece.data(), data_ + at, size);
    [[maybe_unused]] const void* const zeros =
        ::mmap(data_ + at, size, both_ways, private_memory | MAP_FIXED, -1, 0);
    std::memcpy(data_ + at, piece.data(), size);
  }
}

}  // namespace quire
