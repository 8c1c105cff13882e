// A file system in front of another, for tests that change some of what it does.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "quire/engine/file/file.hpp"

namespace quire::test {

/// Passes everything on.
class ForwardingFile : public File {
 public:
  explicit ForwardingFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  [[nodiscard]] File& inner() { return *file_; }

  [[nodiscard]] Result<std::uint64_t> size() const override { return file_->size(); }
  Status grow(std::uint64_t size) override { return file_->grow(size); }
  Status truncate(std::uint64_t size) override { return file_->truncate(size); }
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    return file_->write(offset, pieces);
  }
  Status sync() override { return file_->sync(); }
  Result<Bytes> map(std::uint64_t reserve) override { return file_->map(reserve); }
  Status lock_exclusive() override { return file_->lock_exclusive(); }
  Status lock_shared() override { return file_->lock_shared(); }
  Status lock(LockPlace place, LockKind kind, LockWait wait) override {
    return file_->lock(place, kind, wait);
  }
  void unlock(LockPlace place) noexcept override { file_->unlock(place); }
  [[nodiscard]] bool is_locked_elsewhere(LockPlace place) const override {
    return file_->is_locked_elsewhere(place);
  }
  [[nodiscard]] bool is_still_at_path() const override { return file_->is_still_at_path(); }
  [[nodiscard]] std::array<std::uint64_t, 2> identity() const override { return file_->identity(); }
  [[nodiscard]] std::uint64_t mount() const override { return file_->mount(); }
  [[nodiscard]] const FileSystemType& file_system() const override { return file_->file_system(); }

 private:
  std::unique_ptr<File> file_;
};

/// Passes everything on; its files are what wrap() makes of those of the other.
class ForwardingFiles : public FileSystem {
 public:
  explicit ForwardingFiles(FileSystem& files) : files_(files) {}

  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override {
    return wrapped(files_.open(path, access));
  }
  Result<std::unique_ptr<File>> create_beside(const std::string& path) override {
    return wrapped(files_.create_beside(path));
  }
  Result<bool> publish(File& file, const std::string& path) override {
    return files_.publish(inner(file), path);
  }
  Status replace(File& file, const std::string& path) override {
    return files_.replace(inner(file), path);
  }
  void discard(File& file) noexcept override { files_.discard(inner(file)); }
  Status sync_directory(const std::string& path) override { return files_.sync_directory(path); }
  [[nodiscard]] bool can_share() const override { return files_.can_share(); }
  [[nodiscard]] BootId boot_id() const override { return files_.boot_id(); }
  std::array<std::uint8_t, 16> unique_bytes() override { return files_.unique_bytes(); }
  [[nodiscard]] std::uint64_t now() const override { return files_.now(); }

 protected:
  virtual std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) = 0;

 private:
  static File& inner(File& file) { return static_cast<ForwardingFile&>(file).inner(); }
  Result<std::unique_ptr<File>> wrapped(Result<std::unique_ptr<File>> file) {
    if (!file) return file;
    return wrap(*std::move(file));
  }

  FileSystem& files_;
};

}  // namespace quire::test
