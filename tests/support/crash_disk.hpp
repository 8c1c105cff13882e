// CrashDisk: a file system in memory that remembers what was synced, and fails when it is told to.
//
// While it runs it keeps the promises of file.hpp; what a power cut would leave of it is asked of
// its journal. The death of the process is kill_process(): all that was written stays.
//
// A sync that fails is the treacherous kind: the disk does not get the bytes (or only some), the
// map goes on showing them, and later syncs succeed without writing them, until they are written
// anew. evict_cache() is the moment when reading shows what the disk has.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "quire/engine/file/file.hpp"
#include "quire/engine/file/memory_lock.hpp"
#include "quire/engine/file/region.hpp"
#include "support/crash_journal.hpp"
#include "support/live_file.hpp"

namespace quire::test {

/// The calls that can fail, of files and of the file system.
enum class Call : std::uint8_t {
  open,
  create,
  publish,
  replace,
  sync_directory,
  size,
  grow,
  truncate,
  write,
  sync,
  map,
  lock,
};
inline constexpr std::size_t call_kinds = 12;

enum class Lasting : std::uint8_t { once, from_then_on };

/// Which call fails, and how.
struct Fault {
  std::size_t number = 0;         ///< the call's number, from 0, since the disk was made
  std::optional<Call> call = {};  ///< numbers count calls of this kind; all calls when empty
  int error = EIO;
  Lasting lasting = Lasting::once;
  std::uint64_t bytes_first = 0;     ///< a write or grow: how many bytes it does before it fails
  std::uint64_t survivors_seed = 0;  ///< a sync: of the blocks that reach the disk; 0: none does
};

/// What a program asked of the disk.
struct Traffic {
  std::size_t writes = 0;
  std::uint64_t bytes_written = 0;
  std::size_t syncs = 0;
  std::size_t directory_syncs = 0;
  std::size_t grows = 0;
};

/// One flat directory. Thread-safe; its open files must not outlive it.
class CrashDisk final : public FileSystem {
 public:
  CrashDisk() : CrashDisk(Machine{}) {}
  explicit CrashDisk(Machine machine) : machine_(machine) {}
  ~CrashDisk() override;

  /// Puts a durable file there, before anything else is done.
  void add_file(const std::string& name, Bytes content);

  /// How many writes and syncs there were: what is done now comes before the stop of this number.
  [[nodiscard]] std::size_t stop_count() const;
  [[nodiscard]] CrashJournal journal() const;
  [[nodiscard]] Traffic traffic() const;

  /// Calls until now, of every kind or of one.
  [[nodiscard]] std::size_t call_count(std::optional<Call> call = {}) const;

  /// Adds a fault; several may be set. heal() ends them all.
  void fail(const Fault& fault);
  void heal();

  /// Open files fail from now on and hold no locks; their maps stay readable. The boot stays.
  void kill_process();

  /// Every file reads as the disk has it where its cache is clean.
  void evict_cache();

  /// Called in each sync of a file, between what it covers and its end, without any lock that
  /// another call than a sync needs. Set while nothing else runs.
  void during_sync(std::function<void()> callback) { during_sync_ = std::move(callback); }

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
  friend CrashImage;
  class OpenFile;
  struct Inode {
    LiveFile live;
    MemoryLock presence;
  };
  static OpenFile& own(File& file);

  /// A file that is there at first and whose bytes belong to somebody else.
  void lend(const std::string& name, Region& region, std::uint64_t size);

  // Under the mutex:
  [[nodiscard]] Recording whole_recording() const;
  std::optional<Fault> count(Call call);
  Status admit(Call call, const std::string& path);
  void record(Operation operation);
  void record_rename(OpenFile& file, const std::string& target);
  void write(FileNo file, std::uint64_t offset, std::span<const Bytes> pieces, std::uint64_t size);
  void resize(FileNo file, std::uint64_t size);

  const Machine machine_;
  mutable std::mutex mutex_;
  std::mutex sync_mutex_;  // one sync of a file at a time; before the other mutex
  std::deque<Region> regions_;
  std::deque<Inode> inodes_;  // by FileNo
  Names names_;
  std::size_t first_file_count_ = 0;
  Recording recording_;  // without its files, which the inodes remember
  std::size_t stop_count_ = 0;
  Traffic traffic_;
  std::array<std::size_t, call_kinds> call_counts_{};
  std::vector<Fault> faults_;
  std::function<void()> during_sync_;
  std::uint64_t process_ = 0;  // raised when one dies
  std::uint64_t drawn_ = 0;
  mutable std::uint64_t clock_ = 0;
};

}  // namespace quire::test
