// AddressRange: reserved addresses, over a file or over nothing.
//
// Reserving is not allocating: a range may be far larger than the file or the memory behind it, so
// that what it holds grows without ever moving.
//
// Invariant: the address is the same from the making of a range to its end, moves included.
#pragma once

#include <cstddef>
#include <memory>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/access.hpp"

namespace boost::interprocess {
class mapped_region;  // NOLINT(readability-identifier-naming): not ours
}

namespace quire {

/// Owns a mapping and gives it back when it goes. Thread-safe to read.
class AddressRange {
 public:
  /// Nothing: no address, size 0.
  AddressRange() noexcept;
  AddressRange(AddressRange&& other) noexcept;
  AddressRange& operator=(AddressRange&& other) noexcept;
  ~AddressRange();

  /// A shared view of an open file from its start, without read-ahead, for reading or for storing
  /// as well. The size is halved until the system grants it, but not below `least`. Bytes at and
  /// beyond the end of the file's last page must not be touched; they can be as the file grows.
  static Result<AddressRange> over_file(int descriptor, std::size_t size, std::size_t least,
                                        Access access);

  /// Private memory that reads as zero until written, halved in the same way.
  static Result<AddressRange> over_memory(std::size_t size, std::size_t least);

  /// Zeros instead of the file, at the same addresses.
  void forget_file() noexcept;

  [[nodiscard]] std::byte* data() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  explicit AddressRange(std::unique_ptr<boost::interprocess::mapped_region> region) noexcept;

  std::unique_ptr<boost::interprocess::mapped_region> region_;
};

}  // namespace quire
