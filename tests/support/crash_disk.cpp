// A running crash disk: content in memory, every change recorded, faults on demand.
#include "support/crash_disk.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/checksum.hpp"
#include "quire/engine/file/system_error.hpp"

namespace quire::test {

using Kind = Operation::Kind;

class CrashDisk::OpenFile final : public File {
 public:
  OpenFile(CrashDisk& disk, FileNo number, std::string path, Access access)
      : disk_(disk),
        number_(number),
        path_(std::move(path)),
        access_(access),
        process_(disk.process_) {}
  ~OpenFile() override {
    const std::lock_guard lock(disk_.mutex_);
    if (is_alive()) inode().presence.release(held_);
  }

  [[nodiscard]] Result<std::uint64_t> size() const override;
  Status grow(std::uint64_t size) override;
  Status truncate(std::uint64_t size) override;
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override;
  Status write_durably(std::uint64_t offset, Bytes bytes) override;
  Status sync() override { return sync(0, 0); }
  Result<Bytes> map(std::uint64_t reserve) override;
  Status lock_exclusive() override;
  Status lock_shared() override;
  [[nodiscard]] bool is_still_at_path() const override;
  [[nodiscard]] std::array<std::uint64_t, 2> identity() const override;

  [[nodiscard]] FileNo number() const { return number_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  void moved_to(const std::string& path) { path_ = path; }
  [[nodiscard]] bool is_alive() const { return process_ == disk_.process_; }

 private:
  // Under the disk's mutex:
  Inode& inode() const { return disk_.inodes_[number_]; }
  Status admit(Call call) const;
  Status check_writable() const;
  Status resize(Call call, std::uint64_t size);
  Status sync(std::uint64_t offset, std::uint64_t length);
  [[nodiscard]] Failure failed(int error_number) const {
    return quire::fail(system_error(error_number, path_));
  }

  CrashDisk& disk_;
  const FileNo number_;
  std::string path_;
  const Access access_;
  const std::uint64_t process_;
  LockHeld held_ = LockHeld::nothing;
};

Status CrashDisk::OpenFile::admit(Call call) const {
  if (!is_alive()) return failed(EIO);
  return disk_.admit(call, path_);
}

Status CrashDisk::OpenFile::check_writable() const {
  if (!is_alive()) return failed(EIO);
  if (access_ == Access::read_write) return {};
  return quire::fail(Error(ErrorCode::read_only).with_detail(path_));
}

Result<std::uint64_t> CrashDisk::OpenFile::size() const {
  const std::lock_guard lock(disk_.mutex_);
  if (auto admitted = admit(Call::size); !admitted) return quire::fail(admitted);
  return inode().live.size();
}

Status CrashDisk::OpenFile::grow(std::uint64_t size) {
  const std::lock_guard lock(disk_.mutex_);
  ++disk_.traffic_.grows;
  return resize(Call::grow, size);
}

Status CrashDisk::OpenFile::truncate(std::uint64_t size) {
  const std::lock_guard lock(disk_.mutex_);
  return resize(Call::truncate, size);
}

Status CrashDisk::OpenFile::resize(Call call, std::uint64_t size) {
  if (auto writable = check_writable(); !writable) return writable;
  const std::uint64_t old_size = inode().live.size();
  const auto fault = disk_.count(call);
  if (!fault && size > inode().live.capacity()) return failed(ENOSPC);
  if (fault) size = call == Call::grow ? std::min(size, old_size + fault->bytes_first) : old_size;
  if (call == Call::truncate || size > old_size) disk_.resize(number_, size);
  return fault ? failed(fault->error) : Status();
}

Status CrashDisk::OpenFile::write(std::uint64_t offset, std::span<const Bytes> pieces) {
  const std::lock_guard lock(disk_.mutex_);
  if (auto writable = check_writable(); !writable) return writable;
  const std::uint64_t whole =
      std::accumulate(pieces.begin(), pieces.end(), std::uint64_t{0},
                      [](std::uint64_t size, Bytes piece) { return size + piece.size(); });
  QUIRE_ASSERT(offset + whole <= inode().live.size());
  const auto fault = disk_.count(Call::write);
  disk_.write(number_, offset, pieces, fault ? std::min(whole, fault->bytes_first) : whole);
  return fault ? failed(fault->error) : Status();
}

Status CrashDisk::OpenFile::write_durably(std::uint64_t offset, Bytes bytes) {
  Status written = write(offset, {&bytes, 1});
  return written ? sync(offset, bytes.size()) : written;
}

/// Of a part of the file, or, without a length, of all of it.
Status CrashDisk::OpenFile::sync(std::uint64_t offset, std::uint64_t length) {
  const std::lock_guard one_at_a_time(disk_.sync_mutex_);
  std::optional<Fault> fault;
  {
    const std::lock_guard lock(disk_.mutex_);
    if (!is_alive()) return failed(EIO);
    fault = disk_.count(Call::sync);
    ++disk_.traffic_.syncs;
    disk_.record({.kind = Kind::begin_sync, .file = number_, .offset = offset, .length = length});
  }
  if (disk_.during_sync_) disk_.during_sync_();
  const std::lock_guard lock(disk_.mutex_);
  if (!is_alive()) return failed(EIO);
  disk_.record({.kind = fault ? Kind::fail_sync : Kind::finish_sync,
                .file = number_,
                .length = fault ? fault->survivors_seed : 0});
  return fault ? failed(fault->error) : Status();
}

Result<Bytes> CrashDisk::OpenFile::map(std::uint64_t) {
  const std::lock_guard lock(disk_.mutex_);
  if (auto admitted = admit(Call::map); !admitted) return quire::fail(admitted);
  return inode().live.reserved();
}

Status CrashDisk::OpenFile::lock_exclusive() {
  const std::lock_guard lock(disk_.mutex_);
  if (auto writable = check_writable(); !writable) return writable;
  if (auto admitted = admit(Call::lock); !admitted) return admitted;
  return inode().presence.take_exclusive(held_) ? Status() : failed(EAGAIN);
}

Status CrashDisk::OpenFile::lock_shared() {
  const std::lock_guard lock(disk_.mutex_);
  if (auto admitted = admit(Call::lock); !admitted) return admitted;
  return inode().presence.take_shared(held_) ? Status() : failed(EAGAIN);
}

bool CrashDisk::OpenFile::is_still_at_path() const {
  const std::lock_guard lock(disk_.mutex_);
  const auto found = disk_.names_.find(path_);
  return found != disk_.names_.end() && found->second == number_;
}

std::array<std::uint64_t, 2> CrashDisk::OpenFile::identity() const {
  return {static_cast<std::uint64_t>(std::bit_cast<std::uintptr_t>(&disk_)), number_};
}

CrashDisk::~CrashDisk() {
  for (std::size_t file = 0; file < first_file_count_; ++file) inodes_[file].live.roll_back();
}

void CrashDisk::add_file(const std::string& name, Bytes content) {
  Region& region = regions_.emplace_back(Region::take(machine_.file_capacity).value());
  region.assign(content);
  lend(name, region, content.size());
}

void CrashDisk::lend(const std::string& name, Region& region, std::uint64_t size) {
  QUIRE_ASSERT(recording_.operations.empty());
  const auto number = static_cast<FileNo>(inodes_.size());
  inodes_.push_back({LiveFile(region, size), MemoryLock()});
  names_[name] = number;
  recording_.names[name] = number;
  ++first_file_count_;
}

std::size_t CrashDisk::stop_count() const {
  const std::lock_guard lock(mutex_);
  return stop_count_;
}

CrashJournal CrashDisk::journal() const {
  const std::lock_guard lock(mutex_);
  return {whole_recording(), machine_};
}

Recording CrashDisk::whole_recording() const {
  Recording recording = recording_;
  for (std::size_t file = 0; file < first_file_count_; ++file) {
    recording.files.push_back(inodes_[file].live.first_content());
  }
  return recording;
}

Traffic CrashDisk::traffic() const {
  const std::lock_guard lock(mutex_);
  return traffic_;
}

std::size_t CrashDisk::call_count(std::optional<Call> call) const {
  const std::lock_guard lock(mutex_);
  if (call) return call_counts_[static_cast<std::size_t>(*call)];
  return std::accumulate(call_counts_.begin(), call_counts_.end(), std::size_t{0});
}

void CrashDisk::fail(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(fault);
}

void CrashDisk::heal() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

void CrashDisk::kill_process() {
  const std::lock_guard lock(mutex_);
  ++process_;
  for (Inode& inode : inodes_) inode.presence = MemoryLock();
}

void CrashDisk::evict_cache() {
  const std::lock_guard lock(mutex_);
  for (std::size_t file = 0; file < inodes_.size(); ++file) {
    record({.kind = Kind::evict, .file = static_cast<FileNo>(file)});
  }
  const Recording recording = whole_recording();
  Replay replay(recording);
  replay.advance_to(recording.operations.size());
  for (std::size_t file = 0; file < inodes_.size(); ++file) {
    inodes_[file].live.write(0, replay.files()[file].cache());
  }
}

std::optional<Fault> CrashDisk::count(Call call) {
  const std::size_t number_of_all =
      std::accumulate(call_counts_.begin(), call_counts_.end(), std::size_t{0});
  const std::size_t number_of_kind = call_counts_[static_cast<std::size_t>(call)]++;
  for (const Fault& fault : faults_) {
    if (fault.call && *fault.call != call) continue;
    const std::size_t number = fault.call ? number_of_kind : number_of_all;
    if (number == fault.number) return fault;
    if (number > fault.number && fault.lasting == Lasting::from_then_on) return fault;
  }
  return std::nullopt;
}

Status CrashDisk::admit(Call call, const std::string& path) {
  const auto fault = count(call);
  return fault ? quire::fail(system_error(fault->error, path)) : Status();
}

void CrashDisk::record(Operation operation) {
  if (operation.is_stop()) ++stop_count_;
  recording_.operations.push_back(std::move(operation));
}

void CrashDisk::write(FileNo file, std::uint64_t offset, std::span<const Bytes> pieces,
                      std::uint64_t size) {
  Operation operation{.kind = Kind::write,
                      .file = file,
                      .offset = offset,
                      .length = size,
                      .log_offset = recording_.log.size()};
  for (const Bytes piece : pieces) {
    const Bytes part = piece.first(std::min<std::uint64_t>(piece.size(), size));
    inodes_[file].live.write(offset, part);
    recording_.log.insert(recording_.log.end(), part.begin(), part.end());
    offset += part.size();
    size -= part.size();
  }
  ++traffic_.writes;
  traffic_.bytes_written += operation.length;
  record(std::move(operation));
}

void CrashDisk::resize(FileNo file, std::uint64_t size) {
  inodes_[file].live.resize(size);
  record({.kind = Kind::resize, .file = file, .length = size});
}

/// The files handed in are always those that this handed out.
CrashDisk::OpenFile& CrashDisk::own(File& file) { return static_cast<OpenFile&>(file); }

Result<std::unique_ptr<File>> CrashDisk::open(const std::string& path, Access access) {
  const std::lock_guard lock(mutex_);
  if (auto admitted = admit(Call::open, path); !admitted) return quire::fail(admitted);
  const auto found = names_.find(path);
  if (found == names_.end()) return quire::fail(system_error(ENOENT, path));
  return std::make_unique<OpenFile>(*this, found->second, path, access);
}

Result<std::unique_ptr<File>> CrashDisk::create_beside(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto admitted = admit(Call::create, path); !admitted) return quire::fail(admitted);
  const auto number = static_cast<FileNo>(inodes_.size());
  std::string name = path + ".new-" + std::to_string(machine_.boot) + "-" + std::to_string(number);
  Region& region = regions_.emplace_back(Region::take(machine_.file_capacity).value());
  inodes_.push_back({LiveFile(region, 0), MemoryLock()});
  names_[name] = number;
  record({.kind = Kind::create, .file = number, .name = name});
  return std::make_unique<OpenFile>(*this, number, std::move(name), Access::read_write);
}

Result<bool> CrashDisk::publish(File& file, const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!own(file).is_alive()) return quire::fail(system_error(EIO, path));
  if (auto admitted = admit(Call::publish, path); !admitted) return quire::fail(admitted);
  if (names_.contains(path)) return false;
  record_rename(own(file), path);
  return true;
}

Status CrashDisk::replace(File& file, const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!own(file).is_alive()) return quire::fail(system_error(EIO, path));
  if (auto admitted = admit(Call::replace, path); !admitted) return admitted;
  record_rename(own(file), path);
  return {};
}

void CrashDisk::record_rename(OpenFile& file, const std::string& target) {
  names_.erase(file.path());
  names_[target] = file.number();
  record({.kind = Kind::rename, .file = file.number(), .name = file.path(), .target = target});
  file.moved_to(target);
}

void CrashDisk::discard(File& file) noexcept {
  const std::lock_guard lock(mutex_);
  if (!own(file).is_alive() || names_.erase(own(file).path()) == 0) return;
  record({.kind = Kind::remove, .file = own(file).number(), .name = own(file).path()});
}

Status CrashDisk::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto fault = count(Call::sync_directory);
  ++traffic_.directory_syncs;
  record({.kind = Kind::begin_directory_sync});
  record({.kind = fault ? Kind::fail_directory_sync : Kind::finish_directory_sync});
  return fault ? quire::fail(system_error(fault->error, path)) : Status();
}

BootId CrashDisk::boot_id() const {
  const std::array<std::uint64_t, 2> facts = {machine_.seed, machine_.boot};
  return std::bit_cast<BootId>(checksum128(std::as_bytes(std::span(facts))));
}

std::array<std::uint8_t, 16> CrashDisk::unique_bytes() {
  const std::lock_guard lock(mutex_);
  const std::array<std::uint64_t, 3> facts = {machine_.seed, machine_.boot, ++drawn_};
  return std::bit_cast<std::array<std::uint8_t, 16>>(checksum128(std::as_bytes(std::span(facts))));
}

std::uint64_t CrashDisk::now() const {
  const std::lock_guard lock(mutex_);
  constexpr std::uint64_t start = 1'700'000'000'000'000'000;
  constexpr std::uint64_t step = 1'000'000;
  constexpr std::uint64_t boot_step = 1'000'000'000'000;
  return start + machine_.boot * boot_step + step * ++clock_;
}

}  // namespace quire::test
