#include "processes/killing_files.hpp"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "quire/engine/file/posix_file.hpp"

namespace quire::test {
namespace {

class KillingFile final : public File {
 public:
  KillingFile(std::unique_ptr<File> file, KillingFiles& files)
      : file_(std::move(file)), files_(files) {}

  [[nodiscard]] File& inner() { return *file_; }

  [[nodiscard]] Result<std::uint64_t> size() const override { return file_->size(); }
  Status grow(std::uint64_t size) override {
    return files_.run([&] { return file_->grow(size); });
  }
  Status truncate(std::uint64_t size) override {
    return files_.run([&] { return file_->truncate(size); });
  }
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    files_.count_write();
    return files_.run([&] { return file_->write(offset, pieces); });
  }
  Status sync() override {
    files_.before_sync();
    return files_.run([&] { return file_->sync(); });
  }
  Result<Bytes> map(std::uint64_t reserve) override { return file_->map(reserve); }
  Status lock_exclusive() override { return file_->lock_exclusive(); }
  Status lock_shared() override { return file_->lock_shared(); }
  Status lock(LockPlace place, LockKind kind, LockWait wait) override {
    return files_.run([&] { return file_->lock(place, kind, wait); });
  }
  void unlock(LockPlace place) noexcept override {
    static_cast<void>(files_.run([&] {
      file_->unlock(place);
      return true;
    }));
  }
  [[nodiscard]] bool is_locked_elsewhere(LockPlace place) const override {
    return file_->is_locked_elsewhere(place);
  }
  [[nodiscard]] bool is_still_at_path() const override { return file_->is_still_at_path(); }
  [[nodiscard]] std::array<std::uint64_t, 2> identity() const override { return file_->identity(); }
  [[nodiscard]] const FileSystemType& file_system() const override { return file_->file_system(); }

 private:
  std::unique_ptr<File> file_;
  KillingFiles& files_;
};

File& inner(File& file) { return static_cast<KillingFile&>(file).inner(); }

}  // namespace

void KillingFiles::die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

Result<std::unique_ptr<File>> KillingFiles::wrap(Result<std::unique_ptr<File>> file) {
  if (!file) return file;
  return std::make_unique<KillingFile>(*std::move(file), *this);
}

Result<std::unique_ptr<File>> KillingFiles::open(const std::string& path, Access access) {
  return wrap(posix_file_system().open(path, access));
}
Result<std::unique_ptr<File>> KillingFiles::create_beside(const std::string& path) {
  return wrap(posix_file_system().create_beside(path));
}
Result<bool> KillingFiles::publish(File& file, const std::string& path) {
  return posix_file_system().publish(inner(file), path);
}
Status KillingFiles::replace(File& file, const std::string& path) {
  return posix_file_system().replace(inner(file), path);
}
void KillingFiles::discard(File& file) noexcept { posix_file_system().discard(inner(file)); }
Status KillingFiles::sync_directory(const std::string& path) {
  return posix_file_system().sync_directory(path);
}
BootId KillingFiles::boot_id() const { return posix_file_system().boot_id(); }
std::array<std::uint8_t, 16> KillingFiles::unique_bytes() {
  return posix_file_system().unique_bytes();
}
std::uint64_t KillingFiles::now() const { return posix_file_system().now(); }

}  // namespace quire::test
