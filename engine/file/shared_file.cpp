#include "quire/engine/file/shared_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "quire/engine/file/posix_file.hpp"
#include "quire/engine/file/system_error.hpp"

namespace quire {
namespace {

constexpr std::int64_t offset_of(std::uint32_t number) {
  return first_lock_offset + static_cast<std::int64_t>(number);
}

/// Allocated, not only longer: a store into a hole of a full disk would end the program.
Status allocate(const Descriptor& file, const std::string& path, std::uint64_t size) {
  const int error = ::posix_fallocate(file.value(), 0, static_cast<::off_t>(size));
  return error == 0 ? Status() : fail(system_error(error, path));
}

}  // namespace

std::string path_beside(const std::string& path, const std::string& suffix) {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  return (error ? path : real.string()) + suffix;
}

SharedFile::SharedFile(Descriptor descriptor, std::string path, bool is_named)
    : watched_(std::make_unique<Watched>(std::move(descriptor))),
      path_(std::move(path)),
      is_named_(is_named) {}

void SharedFile::close() noexcept {
  if (!watched_) return;
  if (!is_named_ && watched_->descriptor.is_open()) ::unlink(path_.c_str());
  watched_.reset();
}

Result<SharedFile> SharedFile::create(const std::string& path, std::uint64_t size) {
  const std::string name = path + ".new";
  ::unlink(name.c_str());  // left by a process that was killed here
  const ForkPause pause;
  Descriptor descriptor = Descriptor::open(name, O_RDWR | O_CREAT | O_EXCL);
  if (!descriptor.is_open()) return failed(name);
  SharedFile file(std::move(descriptor), name, false);
  if (Status allocated = allocate(file.descriptor(), name, size); !allocated)
    return fail(allocated);
  return file;
}

Result<SharedFile> SharedFile::open(const std::string& path) {
  const ForkPause pause;
  Descriptor descriptor = Descriptor::open(path, O_RDWR);
  if (!descriptor.is_open()) return failed(path);
  return SharedFile(std::move(descriptor), path, true);
}

Result<std::uint64_t> SharedFile::size() const {
  struct ::stat status{};
  if (::fstat(descriptor().value(), &status) != 0) return failed(path_);
  return static_cast<std::uint64_t>(status.st_size);
}

Status SharedFile::read(MutableBytes into) const {
  const auto size =
      uninterrupted([&] { return ::pread(descriptor().value(), into.data(), into.size(), 0); });
  if (size < 0) return failed(path_);
  if (static_cast<std::size_t>(size) == into.size()) return {};
  return fail(Error(ErrorCode::corrupt).with_detail(path_ + " is cut"));
}

Status SharedFile::publish(const std::string& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) return failed(path);
  path_ = path;
  is_named_ = true;
  return {};
}

void SharedFile::remove() const noexcept {
  const auto mine = identity_of(descriptor(), path_);
  if (mine && posix_identity_at(path_) == *mine) ::unlink(path_.c_str());
}

bool SharedFile::try_lock(std::uint32_t number) const {
  return lock_byte(descriptor(), path_, offset_of(number), LockKind::exclusive, LockWait::no)
      .has_value();
}

void SharedFile::unlock(std::uint32_t number) const noexcept {
  unlock_bytes(descriptor(), offset_of(number), 1);
}

bool SharedFile::is_any_locked(std::uint32_t first, std::uint32_t count) const {
  return quire::is_any_locked(descriptor(), offset_of(first), count);
}

}  // namespace quire
