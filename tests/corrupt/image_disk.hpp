// ImageDisk: one file that can be damaged, opened, and made whole again, some 100,000 times a
// second.
//
// Nothing is copied for an opening; what a database writes is taken back by restore().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quire/engine/file/file.hpp"

namespace quire::test {

/// The file is found under any path. One thread at a time; its files must not outlive it.
class ImageDisk final : public FileSystem {
 public:
  /// room: bytes that the file may grow by. Without any, its bytes end where the memory ends, so
  /// that the address sanitizer sees whoever reads on.
  ImageDisk(Bytes image, std::size_t room);

  /// The bytes of the file, to be damaged by whoever makes them good again.
  [[nodiscard]] MutableBytes bytes() { return {memory_.get(), size_}; }
  /// Takes back what was written to the file.
  void restore();

  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override;
  Result<std::unique_ptr<File>> create_beside(const std::string& path) override;
  Result<bool> publish(File& file, const std::string& path) override;
  Status replace(File& file, const std::string& path) override;
  void discard(File& file) noexcept override;
  Status sync_directory(const std::string& path) override;
  [[nodiscard]] BootId boot_id() const override { return {}; }
  std::array<std::uint8_t, 16> unique_bytes() override { return {}; }
  [[nodiscard]] std::uint64_t now() const override { return 0; }

 private:
  class OpenFile;
  void save(std::uint64_t offset, std::uint64_t size);

  std::size_t first_size_;
  std::size_t size_;
  std::size_t capacity_;
  std::unique_ptr<std::byte[]> memory_;
  std::vector<std::pair<std::uint64_t, std::vector<std::byte>>> overwritten_;
};

}  // namespace quire::test
