// LockFile: the control block of a data file that several processes have open.
//
// It lies beside the data file, is complete before it has its name, and is never cut or begun anew:
// a first opener makes another one. Who joins takes only one in which some process lives, so a file
// that was left behind is never mistaken for the one in use. Removing it is never a matter of
// correctness; that one which was left behind is gone before anybody writes who did not begin by
// what it says, is.
//
// A process lives as long as it holds the lock on the byte of its number, whatever its id says and
// in whatever PID namespace it is; the system gives the lock up when it is killed. Its slots are
// cleared only by who holds that byte.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/file/shared_file.hpp"
#include "quire/engine/file/stable_memory.hpp"
#include "quire/engine/mvcc/control_block.hpp"

namespace quire {

/// Whose lock file it must be.
struct LockFileOwner {
  std::array<std::uint64_t, 2> file;  ///< File::identity
  BootId boot_id{};
  std::uint64_t mount = 0;  ///< File::mount
};

/// What the words said when the last process was killed that had the file open.
struct LeftWords {
  ControlHeader header;
  std::uint64_t published;
  std::uint64_t written;
  std::uint64_t active;
  std::uint64_t used;
  std::uint64_t ceiling;
  std::uint64_t sequence;
  std::uint64_t is_touched;
  std::array<std::uint64_t, 4> slot_sequences;
  std::array<std::uint64_t, 4> space;  ///< free_pages, pending_pages, free_extents, log_pages
  std::uint64_t written_bytes;
  std::uint64_t writes;
  std::uint64_t syncing;
  std::uint64_t durable;
  std::uint64_t synced_ceiling;
  std::uint64_t covered_bytes;
  std::uint64_t covered_writes;
  std::uint64_t poison;
};

/// Thread-safe once it is shown.
class LockFile {
 public:
  /// A new one without a name, of zeros. For the first opener.
  static Result<LockFile> create(const std::string& data_path, std::uint32_t slot_count);
  /// The one in use. file_missing: there is none. busy: none in which a process lives, or that is
  /// this file's.
  static Result<LockFile> join(const std::string& data_path, const LockFileOwner& owner);
  /// What the one says that is this file's and in which no process lives; nothing where there is
  /// none. For the first opener.
  static std::optional<LeftWords> left(const std::string& data_path, const LockFileOwner& owner);
  /// Takes away what left() speaks of, before anything is done to the file that it does not know.
  static void discard_left(const std::string& data_path, const LockFileOwner& owner);

  [[nodiscard]] std::uint32_t slot_count() const { return slot_count_; }

  /// Its bytes are there from now on.
  Status show_in(StableMemory& memory);
  /// It has its name from now on, in the place of any other.
  Status publish() { return file_.publish(path_); }
  /// Takes a number for this process; no slot has it. too_many_readers: all are taken.
  Status enter(std::uint64_t now);
  /// no_process before.
  [[nodiscard]] std::uint32_t process() const { return process_; }
  static constexpr std::uint32_t no_process = 0xff'ffff;

  /// Frees the slots of processes that are gone. What they were in the midst of is the business of
  /// who writes and who syncs.
  void clear_dead() const;
  /// Whether the process of this number lives.
  [[nodiscard]] bool is_alive(std::uint32_t process) const;

  /// The last process takes away the name.
  void remove() const noexcept { file_.remove(); }
  /// This process is gone. Its bytes must not be used any more.
  void leave() noexcept;

 private:
  LockFile(SharedFile file, std::string path, std::uint32_t slot_count)
      : file_(std::move(file)), path_(std::move(path)), slot_count_(slot_count) {}
  void clear(std::uint32_t process) const;

  SharedFile file_;
  std::string path_;
  std::uint32_t slot_count_;
  ControlBlock* block_ = nullptr;
  std::span<ReaderSlot> slots_;
  std::uint32_t process_ = no_process;
};

/// The reader slots behind a control block.
std::span<ReaderSlot> slots_in(std::byte* block, std::uint32_t count);

/// Those of its slots that were ever claimed, and some more perhaps. All others are zeros.
std::span<ReaderSlot> used_slots_in(const ControlBlock& block, std::span<ReaderSlot> slots);

}  // namespace quire
