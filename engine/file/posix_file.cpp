// System calls on files. No other source file makes any on a data file.
//
// Invariant: a call that a signal interrupts is made again, and one that did part of its work goes
// on with the rest; but a sync that failed is never repeated, since the system may then report
// success for bytes that it has dropped.
#include "quire/engine/file/posix_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "quire/engine/base/checksum.hpp"
#include "quire/engine/file/address_range.hpp"
#include "quire/engine/file/descriptor.hpp"
#include "quire/engine/file/fork_watch.hpp"
#include "quire/engine/file/store_map.hpp"
#include "quire/engine/file/system_error.hpp"

namespace quire {
namespace {

/// The rest of a gathering write: pieces of which the system has taken some bytes.
class Gather {
 public:
  explicit Gather(std::span<const Bytes> pieces) : pieces_(pieces) { advance(0); }

  [[nodiscard]] bool is_done() const { return pieces_.empty(); }

  /// As many pieces as one call takes.
  std::span<const ::iovec> next() {
    vectors_.clear();
    std::size_t skip = taken_;
    for (const Bytes piece : pieces_.first(std::min<std::size_t>(pieces_.size(), IOV_MAX))) {
      const Bytes rest = piece.subspan(std::exchange(skip, 0));
      // The system only reads through the pointer; its type serves readv as well.
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
      vectors_.push_back({const_cast<std::byte*>(rest.data()), rest.size()});
    }
    return vectors_;
  }

  /// Leaves out what was taken, and pieces that are empty.
  void advance(std::size_t size) {
    taken_ += size;
    while (!pieces_.empty() && taken_ >= pieces_.front().size()) {
      taken_ -= pieces_.front().size();
      pieces_ = pieces_.subspan(1);
    }
  }

 private:
  std::span<const Bytes> pieces_;
  std::size_t taken_ = 0;  // bytes of the first piece
  std::vector<::iovec> vectors_;
};

std::array<std::uint64_t, 2> identity_of(const struct ::stat& status) {
  return {status.st_dev, status.st_ino};
}

::off_t as_offset(std::uint64_t position) { return static_cast<::off_t>(position); }

class PosixFile final : public File, ForkWatch {
 public:
  PosixFile(Descriptor descriptor, std::string path, Access access,
            std::array<std::uint64_t, 2> identity)
      : descriptor_(std::move(descriptor)),
        path_(std::move(path)),
        access_(access),
        identity_(identity) {
    watch_forks();
  }
  /// Unlocks, too: a child that was forked in a bad moment may keep the open file.
  ~PosixFile() override {
    const ForkPause pause;
    unlock_bytes(descriptor_, first_lock_offset, lock_place_count);
    map_ = AddressRange();
    store_map_ = StoreMap();
    descriptor_.close();
    ignore_forks();
  }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  [[nodiscard]] Result<std::uint64_t> size() const override {
    struct ::stat status{};
    if (::fstat(descriptor_.value(), &status) != 0) return failed(path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Status grow(std::uint64_t size) override;
  Status truncate(std::uint64_t size) override;
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override;
  Status store(std::uint64_t offset, Bytes bytes) override;
  Status write_durably(std::uint64_t offset, Bytes bytes) override;
  Status sync() override;
  Result<Bytes> map(std::uint64_t reserve) override;
  Status lock_exclusive() override {
    return lock(LockPlace::presence, LockKind::exclusive, LockWait::no);
  }
  Status lock_shared() override {
    return lock(LockPlace::presence, LockKind::shared, LockWait::no);
  }
  Status lock(LockPlace place, LockKind kind, LockWait wait) override;
  void unlock(LockPlace place) noexcept override {
    unlock_bytes(descriptor_, first_lock_offset + static_cast<std::int64_t>(place), 1);
  }
  [[nodiscard]] bool is_locked_elsewhere(LockPlace place) const override {
    return is_any_locked(descriptor_, first_lock_offset + static_cast<std::int64_t>(place), 1);
  }
  [[nodiscard]] bool is_still_at_path() const override;
  [[nodiscard]] std::array<std::uint64_t, 2> identity() const override { return identity_; }
  [[nodiscard]] std::uint64_t mount() const override;
  [[nodiscard]] const FileSystemType& file_system() const override;

  [[nodiscard]] const std::string& path() const { return path_; }

  /// After a rename; before the file is shared between threads.
  void moved_to(std::string path) { path_ = std::move(path); }

 private:
  Status write(std::uint64_t offset, std::span<const Bytes> pieces, int flags);
  Status check_writable() const;
  Status write_zeros(std::uint64_t begin, std::uint64_t end);

  /// The open file, and with it the locks, is the parent's alone; so is what the map shows.
  void in_child() noexcept override {
    descriptor_.close();
    map_.forget_file();
    store_map_.forget_file();
  }

  Descriptor descriptor_;
  std::string path_;
  const Access access_;
  const std::array<std::uint64_t, 2> identity_;
  std::mutex map_mutex_;
  AddressRange map_;
  StoreMap store_map_;
};

Status PosixFile::check_writable() const {
  if (access_ == Access::read_write) return {};
  return fail(Error(ErrorCode::read_only).with_detail(path_));
}

Status PosixFile::grow(std::uint64_t size) {
  if (auto writable = check_writable(); !writable) return writable;
  const auto old_size = this->size();
  if (!old_size) return fail(old_size);
  if (size <= *old_size) return {};
  // Allocated, not only longer: a store into a hole of a full disk would fail when nobody can tell.
  const int done = uninterrupted([&] {
    return ::fallocate(descriptor_.value(), 0, as_offset(*old_size), as_offset(size - *old_size));
  });
  if (done == 0) return {};
  if (errno == EOPNOTSUPP || errno == ENOSYS) return write_zeros(*old_size, size);
  return failed(path_);
}

/// Allocates the range on file systems that cannot be asked to.
Status PosixFile::write_zeros(std::uint64_t begin, std::uint64_t end) {
  static constexpr std::array<std::byte, 65536> zeros{};
  while (begin < end) {
    const Bytes piece = Bytes(zeros).first(std::min<std::uint64_t>(zeros.size(), end - begin));
    if (auto written = write(begin, {&piece, 1}); !written) return written;
    begin += piece.size();
  }
  return {};
}

Status PosixFile::truncate(std::uint64_t size) {
  if (auto writable = check_writable(); !writable) return writable;
  const int done = uninterrupted([&] { return ::ftruncate(descriptor_.value(), as_offset(size)); });
  return done == 0 ? Status() : failed(path_);
}

Status PosixFile::write(std::uint64_t offset, std::span<const Bytes> pieces) {
  return write(offset, pieces, 0);
}

Status PosixFile::write(std::uint64_t offset, std::span<const Bytes> pieces, int flags) {
  if (auto writable = check_writable(); !writable) return writable;
  for (Gather rest(pieces); !rest.is_done();) {
    const auto vectors = rest.next();
    const ::ssize_t taken = uninterrupted([&] {
      const int count = static_cast<int>(vectors.size());
      if (flags == 0)
        return ::pwritev(descriptor_.value(), vectors.data(), count, as_offset(offset));
      return ::pwritev2(descriptor_.value(), vectors.data(), count, as_offset(offset), flags);
    });
    if (taken < 0) return failed(path_);
    if (taken == 0) return fail(system_error(EIO, path_));
    rest.advance(static_cast<std::size_t>(taken));
    offset += static_cast<std::uint64_t>(taken);
  }
  return {};
}

Status PosixFile::store(std::uint64_t offset, Bytes bytes) {
  if (!store_map_.is_opened()) {
    const std::lock_guard lock(map_mutex_);
    const ForkPause pause;
    store_map_.open(descriptor_.value(), file_system().stores_in_place ? map_.size() : 0);
  }
  return store_map_.store(offset, bytes) ? Status() : write(offset, {&bytes, 1});
}

/// A file system that cannot sync a write alone syncs the file.
Status PosixFile::write_durably(std::uint64_t offset, Bytes bytes) {
  Status written = write(offset, {&bytes, 1}, RWF_DSYNC);
  const bool is_unknown = !written && written.error().system() == EOPNOTSUPP;
  return is_unknown ? File::write_durably(offset, bytes) : written;
}

Status PosixFile::sync() {
  // An interrupted call has reported nothing yet, so it is the only one that may be made again.
  const int done = uninterrupted([&] { return ::fdatasync(descriptor_.value()); });
  return done == 0 ? Status() : failed(path_);
}

Result<Bytes> PosixFile::map(std::uint64_t reserve) {
  const std::lock_guard lock(map_mutex_);
  if (map_.size() == 0) {
    const auto least = size();
    if (!least) return fail(least);
    const ForkPause pause;
    auto range = AddressRange::over_file(descriptor_.value(), reserve, *least, Access::read_only);
    if (!range) return fail(Error(range.error()).with_detail(path_));
    map_ = *std::move(range);
  }
  return Bytes(map_.data(), map_.size());
}

Status PosixFile::lock(LockPlace place, LockKind kind, LockWait wait) {
  if (kind == LockKind::exclusive) {
    if (auto writable = check_writable(); !writable) return writable;
  }
  const std::int64_t offset = first_lock_offset + static_cast<std::int64_t>(place);
  return lock_byte(descriptor_, path_, offset, kind, wait);
}

bool PosixFile::is_still_at_path() const {
  struct ::stat status{};
  return ::stat(path_.c_str(), &status) == 0 && identity_of(status) == identity_;
}

std::uint64_t PosixFile::mount() const {
  constexpr unsigned unique_mount = 0x4000;  // STATX_MNT_ID_UNIQUE, since Linux 6.8
  struct ::statx status{};
  const bool is_told =
      ::statx(descriptor_.value(), "", AT_EMPTY_PATH, unique_mount, &status) == 0 &&
      (status.stx_mask & unique_mount) != 0;
  return is_told ? status.stx_mnt_id : 0;
}

const FileSystemType& PosixFile::file_system() const {
  struct ::statfs status{};
  const bool is_told = ::fstatfs(descriptor_.value(), &status) == 0;
  return file_system_type(is_told ? static_cast<std::uint32_t>(status.f_type) : 0);
}

/// The same place whatever the working directory becomes.
std::string absolute(const std::string& path) {
  std::error_code error;
  auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.string();
}

/// Where the file's name is, also when the path is a symbolic link to it.
std::string directory_of(const std::string& path) {
  std::error_code error;
  auto real = std::filesystem::canonical(path, error);
  if (error) real = absolute(path);
  return real.parent_path().string();
}

/// The system would take a path up to its first zero byte for another one.
bool has_zero_byte(const std::string& path) { return path.find('\0') != std::string::npos; }

Result<std::unique_ptr<File>> make_file(Descriptor descriptor, const std::string& path,
                                        Access access) {
  if (!descriptor.is_open()) return failed(path);
  struct ::stat status{};
  if (::fstat(descriptor.value(), &status) != 0) return failed(path);
  if (!S_ISREG(status.st_mode)) {
    return fail(Error(ErrorCode::unsupported_file).with_detail(path));
  }
  return std::make_unique<PosixFile>(std::move(descriptor), absolute(path), access,
                                     identity_of(status));
}

std::string in_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// What sixteen bytes a UUID spells; zeros when it is none.
BootId boot_id_from(std::string_view uuid) {
  BootId id{};
  std::size_t digit_count = 0;
  for (const char letter : uuid.substr(0, 36)) {
    if (letter == '-') continue;
    const bool is_decimal = letter >= '0' && letter <= '9';
    const bool is_letter = letter >= 'a' && letter <= 'f';
    if ((!is_decimal && !is_letter) || digit_count == 2 * id.size()) return {};
    const int value = is_decimal ? letter - '0' : letter - 'a' + 10;
    std::uint8_t& byte = id[digit_count++ / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
  }
  return digit_count == 2 * id.size() ? id : BootId{};
}

/// Gives source the name target, which must be free. errno says why not.
int rename_without_replacing(const char* source, const char* target) {
  const int renamed = ::renameat2(AT_FDCWD, source, AT_FDCWD, target, RENAME_NOREPLACE);
  if (renamed == 0 || (errno != EINVAL && errno != ENOSYS)) return renamed;
  // This file system cannot rename so. A link is as safe; a crash may leave both names.
  if (::link(source, target) != 0) return -1;
  ::unlink(source);
  return 0;
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override;
  Result<std::unique_ptr<File>> create_beside(const std::string& path) override;
  Result<bool> publish(File& file, const std::string& path) override;
  Status replace(File& file, const std::string& path) override;
  void discard(File& file) noexcept override;
  Status sync_directory(const std::string& path) override;
  [[nodiscard]] bool can_share() const override { return true; }
  [[nodiscard]] BootId boot_id() const override;
  std::array<std::uint8_t, 16> unique_bytes() override;
  [[nodiscard]] std::uint64_t now() const override;

 private:
  /// The files handed in are always those that this handed out.
  static PosixFile& own(File& file) { return static_cast<PosixFile&>(file); }
};

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path, Access access) {
  if (has_zero_byte(path)) return fail(Error(ErrorCode::invalid_argument).with_detail(path));
  // Not to wait for the other end of a pipe; it means nothing to a regular file.
  const int flags = (access == Access::read_only ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_NOCTTY;
  const ForkPause pause;
  return make_file(Descriptor::open(path, flags), path, access);
}

Result<std::unique_ptr<File>> PosixFileSystem::create_beside(const std::string& path) {
  if (has_zero_byte(path)) return fail(Error(ErrorCode::invalid_argument).with_detail(path));
  const auto unique = unique_bytes();
  const std::string name = path + ".new-" + in_hex(std::span(unique).first(8));
  const ForkPause pause;
  return make_file(Descriptor::open(name, O_RDWR | O_CREAT | O_EXCL), name, Access::read_write);
}

Result<bool> PosixFileSystem::publish(File& file, const std::string& path) {
  PosixFile& source = own(file);
  if (rename_without_replacing(source.path().c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) return false;
    return failed(path);
  }
  source.moved_to(absolute(path));
  return true;
}

Status PosixFileSystem::replace(File& file, const std::string& path) {
  PosixFile& source = own(file);
  if (::rename(source.path().c_str(), path.c_str()) != 0) return failed(path);
  source.moved_to(absolute(path));
  return {};
}

void PosixFileSystem::discard(File& file) noexcept { ::unlink(own(file).path().c_str()); }

Status PosixFileSystem::sync_directory(const std::string& path) {
  const std::string directory = directory_of(path);
  const Descriptor descriptor = Descriptor::open(directory, O_RDONLY | O_DIRECTORY);
  if (!descriptor.is_open()) return failed(directory);
  const int done = uninterrupted([&] { return ::fsync(descriptor.value()); });
  // EINVAL: this file system has no such thing as a directory to sync.
  return done == 0 || errno == EINVAL ? Status() : failed(directory);
}

BootId PosixFileSystem::boot_id() const {
  const Descriptor source = Descriptor::open("/proc/sys/kernel/random/boot_id", O_RDONLY);
  if (!source.is_open()) return {};
  std::array<char, 64> text{};
  const auto size = uninterrupted([&] { return ::read(source.value(), text.data(), text.size()); });
  return size <= 0 ? BootId{} : boot_id_from({text.data(), static_cast<std::size_t>(size)});
}

std::array<std::uint8_t, 16> PosixFileSystem::unique_bytes() {
  std::array<std::uint8_t, 16> bytes{};
  const auto size = uninterrupted([&] { return ::getrandom(bytes.data(), bytes.size(), 0); });
  if (size == static_cast<::ssize_t>(bytes.size())) return bytes;
  // A system that refuses to give any. Time and process still tell this call from any other.
  static std::atomic<std::uint64_t> calls = 0;
  const std::array<std::uint64_t, 3> facts = {now(), static_cast<std::uint64_t>(::getpid()),
                                              calls.fetch_add(1)};
  return std::bit_cast<std::array<std::uint8_t, 16>>(checksum128(std::as_bytes(std::span(facts))));
}

std::uint64_t PosixFileSystem::now() const {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count());
}

}  // namespace

std::optional<std::array<std::uint64_t, 2>> posix_identity_at(const std::string& path) {
  struct ::stat status{};
  if (has_zero_byte(path) || ::stat(path.c_str(), &status) != 0) return std::nullopt;
  return identity_of(status);
}

FileSystem& posix_file_system() {
  // Never destroyed: objects with static lifetime may use it to the very end.
  static PosixFileSystem& instance = *new PosixFileSystem;
  return instance;
}

}  // namespace quire
