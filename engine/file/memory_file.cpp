// Files in memory: names lead to inodes, and each inode holds a region of addresses.
#include "quire/engine/file/memory_file.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/file/memory_lock.hpp"
#include "quire/engine/file/posix_file.hpp"
#include "quire/engine/file/region.hpp"

namespace quire {

/// A file, whatever its name, for as long as a name or an open file leads to it.
struct MemoryFileSystem::Inode {
  static Result<std::shared_ptr<Inode>> make(std::size_t capacity) {
    static std::atomic<std::uint64_t> last_number = 0;
    auto region = Region::take(capacity);
    if (!region) return fail(region);
    auto inode = std::make_shared<Inode>();
    inode->region = *std::move(region);
    inode->number = ++last_number;
    return inode;
  }

  std::mutex mutex;  // over everything but the bytes themselves
  Region region;
  std::uint64_t number = 0;
  MemoryLock presence;
};

/// The directory.
class MemoryFileSystem::Names {
 public:
  std::shared_ptr<Inode> find(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = inodes_.find(path);
    return found == inodes_.end() ? nullptr : found->second;
  }

  void set(const std::string& path, std::shared_ptr<Inode> inode) {
    const std::lock_guard lock(mutex_);
    inodes_.insert_or_assign(path, std::move(inode));
  }

  void remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    inodes_.erase(path);
  }

  /// False when target is taken.
  bool rename_without_replacing(const std::string& source, const std::string& target) {
    const std::lock_guard lock(mutex_);
    if (inodes_.contains(target)) return false;
    auto node = inodes_.extract(source);
    node.key() = target;
    inodes_.insert(std::move(node));
    return true;
  }

  void rename(const std::string& source, const std::string& target) {
    const std::lock_guard lock(mutex_);
    inodes_.insert_or_assign(target, std::move(inodes_.extract(source).mapped()));
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Inode>> inodes_;
};

class MemoryFileSystem::OpenFile final : public File {
 public:
  OpenFile(std::shared_ptr<Names> names, std::shared_ptr<Inode> inode, std::string path,
           Access access)
      : names_(std::move(names)),
        inode_(std::move(inode)),
        path_(std::move(path)),
        access_(access) {}
  ~OpenFile() override {
    const std::lock_guard lock(inode_->mutex);
    inode_->presence.release(held_);
  }

  [[nodiscard]] Result<std::uint64_t> size() const override {
    const std::lock_guard lock(inode_->mutex);
    return inode_->region.size();
  }

  Status grow(std::uint64_t size) override;
  Status truncate(std::uint64_t size) override;
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override;
  Status sync() override { return {}; }
  Result<Bytes> map(std::uint64_t reserve) override;
  Status lock_exclusive() override;
  Status lock_shared() override;
  [[nodiscard]] bool is_still_at_path() const override { return names_->find(path_) == inode_; }
  [[nodiscard]] std::array<std::uint64_t, 2> identity() const override;

  [[nodiscard]] const std::string& path() const { return path_; }
  void moved_to(const std::string& path) { path_ = path; }

 private:
  Status check_writable() const;

  const std::shared_ptr<Names> names_;
  const std::shared_ptr<Inode> inode_;
  std::string path_;
  const Access access_;
  LockHeld held_ = LockHeld::nothing;  // under the inode's mutex
};

Status MemoryFileSystem::OpenFile::check_writable() const {
  if (access_ == Access::read_write) return {};
  return fail(Error(ErrorCode::read_only).with_detail(path_));
}

Status MemoryFileSystem::OpenFile::grow(std::uint64_t size) {
  if (auto writable = check_writable(); !writable) return writable;
  const std::lock_guard lock(inode_->mutex);
  Region& region = inode_->region;
  if (size > region.capacity()) return fail(Error(ErrorCode::no_space).with_detail(path_));
  if (size > region.size()) region.resize(size);
  return {};
}

Status MemoryFileSystem::OpenFile::truncate(std::uint64_t size) {
  if (auto writable = check_writable(); !writable) return writable;
  const std::lock_guard lock(inode_->mutex);
  Region& region = inode_->region;
  if (size > region.capacity()) return fail(Error(ErrorCode::no_space).with_detail(path_));
  region.resize(size);
  return {};
}

Status MemoryFileSystem::OpenFile::write(std::uint64_t offset, std::span<const Bytes> pieces) {
  if (auto writable = check_writable(); !writable) return writable;
  std::uint64_t end = offset;
  for (const Bytes piece : pieces) end += piece.size();
  QUIRE_ASSERT(end <= size().value());
  std::byte* target = inode_->region.data() + offset;
  for (const Bytes piece : pieces) {
    copy_bytes(target, piece);
    target += piece.size();
  }
  return {};
}

Result<Bytes> MemoryFileSystem::OpenFile::map(std::uint64_t) {
  return Bytes(inode_->region.data(), inode_->region.capacity());
}

Status MemoryFileSystem::OpenFile::lock_exclusive() {
  if (auto writable = check_writable(); !writable) return writable;
  const std::lock_guard lock(inode_->mutex);
  if (inode_->presence.take_exclusive(held_)) return {};
  return fail(Error(ErrorCode::busy).with_detail(path_));
}

Status MemoryFileSystem::OpenFile::lock_shared() {
  const std::lock_guard lock(inode_->mutex);
  if (inode_->presence.take_shared(held_)) return {};
  return fail(Error(ErrorCode::busy).with_detail(path_));
}

std::array<std::uint64_t, 2> MemoryFileSystem::OpenFile::identity() const {
  constexpr std::uint64_t no_device = ~std::uint64_t{0};
  return {no_device, inode_->number};
}

MemoryFileSystem::MemoryFileSystem() : MemoryFileSystem(Options{}) {}
MemoryFileSystem::MemoryFileSystem(Options options)
    : options_(options), names_(std::make_shared<Names>()) {}
MemoryFileSystem::~MemoryFileSystem() = default;

/// The files handed in are always those that this handed out.
MemoryFileSystem::OpenFile& MemoryFileSystem::own(File& file) {
  return static_cast<OpenFile&>(file);
}

Status MemoryFileSystem::add_file(const std::string& path, Bytes content) {
  auto inode = Inode::make(options_.file_capacity);
  if (!inode) return fail(inode);
  if (content.size() > (*inode)->region.capacity()) {
    return fail(Error(ErrorCode::no_space).with_detail(path));
  }
  (*inode)->region.assign(content);
  names_->set(path, *std::move(inode));
  return {};
}

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, Access access) {
  auto inode = names_->find(path);
  if (!inode) return fail(Error(ErrorCode::file_missing).with_detail(path));
  return std::make_unique<OpenFile>(names_, std::move(inode), path, access);
}

Result<std::unique_ptr<File>> MemoryFileSystem::create_beside(const std::string& path) {
  auto inode = Inode::make(options_.file_capacity);
  if (!inode) return fail(inode);
  const std::string name = path + ".new-" + std::to_string((*inode)->number);
  names_->set(name, *inode);
  return std::make_unique<OpenFile>(names_, *std::move(inode), name, Access::read_write);
}

Result<bool> MemoryFileSystem::publish(File& file, const std::string& path) {
  OpenFile& source = own(file);
  if (!names_->rename_without_replacing(source.path(), path)) return false;
  source.moved_to(path);
  return true;
}

Status MemoryFileSystem::replace(File& file, const std::string& path) {
  OpenFile& source = own(file);
  names_->rename(source.path(), path);
  source.moved_to(path);
  return {};
}

void MemoryFileSystem::discard(File& file) noexcept { names_->remove(own(file).path()); }

Status MemoryFileSystem::sync_directory(const std::string&) { return {}; }

BootId MemoryFileSystem::boot_id() const {
  // Nothing outlives the process, so one run of it is one boot.
  return {'m', 'e', 'm', 'o', 'r', 'y'};
}

std::array<std::uint8_t, 16> MemoryFileSystem::unique_bytes() {
  return posix_file_system().unique_bytes();
}

std::uint64_t MemoryFileSystem::now() const { return posix_file_system().now(); }

}  // namespace quire
