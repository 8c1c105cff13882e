// File and FileSystem: all that the engine asks of the operating system.
//
// Two models: posix (posix_file.hpp) and memory (memory_file.hpp). Tests put a third in front of
// them that remembers what was synced, fails calls, and yields every image that a crash may leave.
//
// Promises that every model keeps and the engine relies on:
//  - what write() took is seen through map() at once, by every process;
//  - what was written before a sync() that returned success survives a power cut;
//  - what was not synced may survive in any 512-byte parts, in any order, or not at all;
//  - after a failed sync() nothing unsynced may be relied on, whatever reading it shows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/file/access.hpp"
#include "quire/engine/file/file_system_type.hpp"

namespace quire {

/// Tells runs of the operating system apart: what one run left in its cache the next cannot see.
using BootId = std::array<std::uint8_t, 16>;

/// What processes lock of a data file. The order is that of the bytes in the file.
enum class LockPlace : std::uint8_t {
  presence,  ///< held by whoever has the file open
  opening,   ///< held while a process comes or goes
  queue,     ///< held while a process waits for the writer's place: who comes later waits here
  writer,    ///< held by the process that writes
  sync,      ///< held by the process that syncs
  sharing,   ///< held by each process that has a lock file
};
inline constexpr std::int64_t lock_place_count = 6;
enum class LockKind : std::uint8_t { shared, exclusive };
enum class LockWait : std::uint8_t { no, yes };

/// One open data file. Closing (the destructor) releases locks and the map. Calls may come from
/// several threads; two writes to the same bytes must not overlap in time.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// Bytes in the file now.
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;

  /// Makes the file at least this large with blocks really allocated; new bytes read as zero.
  /// no_space: nothing was changed, or some blocks beyond the old size were allocated.
  virtual Status grow(std::uint64_t size) = 0;

  /// Cuts the file to this size.
  virtual Status truncate(std::uint64_t size) = 0;

  /// Writes the pieces one after another from offset on; all of them or an error, after which any
  /// part may have been written. Never grows the file: the range lies below size().
  virtual Status write(std::uint64_t offset, std::span<const Bytes> pieces) = 0;

  /// As write(), for pages that were written before and will be again, without a sync soon: may be
  /// a store in memory, and no call of the system. One thread at a time.
  virtual Status store(std::uint64_t offset, Bytes bytes) { return write(offset, {&bytes, 1}); }

  /// As write(), and these bytes are durable when it returns; of others it says nothing. Not at the
  /// same time as sync(), and after a failure as little may be relied on as after one of that.
  virtual Status write_durably(std::uint64_t offset, Bytes bytes) {
    Status written = write(offset, {&bytes, 1});
    return written ? sync() : written;
  }

  /// Makes everything written (and the size) durable. Never called again after it failed once.
  virtual Status sync() = 0;

  /// Reserves this much address space over the file, for reading, once: the address is the same for
  /// the life of the File. Bytes below size() may be read, also those that a later grow() adds.
  /// reserve is halved until the system grants it, but not below the file's size.
  virtual Result<Bytes> map(std::uint64_t reserve) = 0;

  /// Takes the one presence lock of the file, without waiting; busy when somebody holds one that
  /// excludes it. Held until the File goes.
  virtual Status lock_exclusive() = 0;
  virtual Status lock_shared() = 0;

  /// Any lock, for processes that share the file; one that is held already is converted. busy: not
  /// without waiting. Files that cannot be shared have none.
  virtual Status lock(LockPlace, LockKind, LockWait) { return fail(ErrorCode::unsupported_file); }
  virtual void unlock(LockPlace) noexcept {}
  /// Whether anybody but this File holds it.
  [[nodiscard]] virtual bool is_locked_elsewhere(LockPlace) const { return false; }

  /// Whether the path that this was opened under still leads to this very file.
  [[nodiscard]] virtual bool is_still_at_path() const = 0;

  /// What tells this file from others in this process: device and inode, or their like.
  [[nodiscard]] virtual std::array<std::uint64_t, 2> identity() const = 0;

  /// The mount that it was opened through, by a number that the system does not give again until it
  /// starts anew; 0: it does not say. What was in the cache of a file is, as long as it is mounted.
  [[nodiscard]] virtual std::uint64_t mount() const { return 0; }

  /// The kind of file system that it lies on.
  [[nodiscard]] virtual const FileSystemType& file_system() const { return memory_type; }
};

/// Where files live. Thread-safe.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  /// Opens what is there. file_missing, permission, unsupported_file (a directory, a pipe, ...).
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Access access) = 0;

  /// A new, empty file under a temporary name beside path, open for writing.
  /// A crash may leave it behind; it is named `<path>.new-<something unique>`.
  virtual Result<std::unique_ptr<File>> create_beside(const std::string& path) = 0;

  /// Gives a file from create_beside() its final name, never replacing one: false when that name
  /// is taken (the file then keeps its temporary name). Not durable before sync_directory().
  virtual Result<bool> publish(File& file, const std::string& path) = 0;

  /// Gives a file from create_beside() the name of an existing file, replacing that.
  virtual Status replace(File& file, const std::string& path) = 0;

  /// Removes a file from create_beside() that was not published.
  virtual void discard(File& file) noexcept = 0;

  /// Makes the names in the directory of path durable.
  virtual Status sync_directory(const std::string& path) = 0;

  /// Whether processes may share files: they have locks, and paths for files beside them.
  [[nodiscard]] virtual bool can_share() const { return false; }

  [[nodiscard]] virtual BootId boot_id() const = 0;

  /// Bytes that nobody else will draw: for file ids.
  virtual std::array<std::uint8_t, 16> unique_bytes() = 0;

  /// Nanoseconds since 1970, UTC.
  [[nodiscard]] virtual std::uint64_t now() const = 0;
};

}  // namespace quire
