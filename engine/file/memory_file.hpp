// A file system in memory: the promises of file.hpp without a disk.
//
// It serves the memory backend, and tests that open very many databases. What was written lasts as
// long as the object or any of its open files; a sync has nothing to do.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "quire/engine/file/file.hpp"

namespace quire {

/// A flat directory of names, paths being nothing but names. Thread-safe.
class MemoryFileSystem final : public FileSystem {
 public:
  struct Options {
    /// How far each file can grow: address space that is reserved, not memory that is used.
    std::size_t file_capacity = std::size_t{64} << 30;
  };

  MemoryFileSystem();
  explicit MemoryFileSystem(Options options);
  ~MemoryFileSystem() override;

  /// Puts a file there, in place of any other of that name. no_space: larger than file_capacity.
  Status add_file(const std::string& path, Bytes content);

  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override;
  Result<std::unique_ptr<File>> create_beside(const std::string& path) override;
  Result<bool> publish(File& file, const std::string& path) override;
  Status replace(File& file, const std::string& path) override;
  void discard(File& file) noexcept override;
  Status sync_directory(const std::string& path) override;
  [[nodiscard]] BootId boot_id() const override;
  std::array<std::uint8_t, 16> unique_bytes() override;
  [[nodiscard]] std::uint64_t now() const override;

 private:
  struct Inode;
  class Names;
  class OpenFile;
  static OpenFile& own(File& file);

  const Options options_;
  std::shared_ptr<Names> names_;
};

}  // namespace quire
