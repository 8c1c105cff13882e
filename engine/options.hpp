// Options: what the opener of a database may choose.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "quire/engine/base/log.hpp"
#include "quire/engine/base/progress.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/mvcc/reader_info.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/engine/txn/safety_rules.hpp"

namespace quire {

/// What a commit waits for, and what it may lose.
enum class Durability : std::uint8_t {
  full,       ///< one sync. Loses nothing that was acknowledged.
  two_phase,  ///< sync, then the meta slot, then sync: for those who do not trust the checksums
              ///< that let `full` do with one sync.
  buffered,   ///< no sync of its own: survives the death of the process; a power cut may take the
              ///< commits since the last sync, newest first, never a part of one or integrity.
              ///< BackgroundSync says how many these can be; CommitReceipt::ticket waits.
  resident,   ///< stays in memory until the next commit of another kind, sync, or close, or until
              ///< memory_budget is used up: the death of the process takes it, as a power cut does,
              ///< newest first, never a part of one or integrity. A page that many of these rewrite
              ///< is written once. The same as buffered where processes share the file, and for a
              ///< transaction with values so large that they have pages to themselves.
};

/// Whether a commit that asks for it is over only when a sync is.
constexpr bool waits_for_sync(Durability durability) noexcept {
  return durability == Durability::full || durability == Durability::two_phase;
}

/// When a thread of the database's own syncs buffered commits. It begins with the first of them, by
/// the side of readers and of the next transactions.
struct BackgroundSync {
  std::chrono::milliseconds interval{0};  ///< after a commit, at most; 0: whenever
  std::uint64_t size = 0;                 ///< bytes of pages written since the last sync; 0: any

  [[nodiscard]] bool is_on() const { return interval.count() > 0 || size != 0; }
  bool operator==(const BackgroundSync&) const = default;
};

/// When pages are checked against their checksum and structure.
enum class Verification : std::uint8_t {
  first_touch,  ///< once per page version and opening. Does not see memory that changes later, nor
                ///< a page rewritten by exactly a multiple of 65,535 transactions between two
                ///< touches.
  always,       ///< at every access: for tests and for machines that are not trusted
  off,          ///< never: a damaged file is undefined behaviour
};

enum class Create : std::uint8_t {
  if_missing,  ///< open what is there, else make a new file
  never,       ///< file_missing when it is not there
};

/// Who may have the file open at the same time.
enum class Sharing : std::uint8_t {
  exclusive,  ///< this process alone, or readers that open it for reading only; no lock file
  shared,     ///< processes that open it so; `<path>-lock` beside it says where they stand. Where
              ///< files cannot be shared (in memory), the same as exclusive.
};

struct Options {
  Access access = Access::read_write;
  Create create = Create::if_missing;
  Sharing sharing = Sharing::exclusive;
  std::uint32_t page_size = layout::default_page_size;  ///< bytes; only for a file that is created
  Durability durability = Durability::full;             ///< for commits that do not say
  Verification verification = Verification::first_touch;
  std::uint64_t memory_budget = std::uint64_t{256} << 20;  ///< bytes of pages kept in memory before
                                                           ///< they are written; not kept to while
                                                           ///< a transaction has savepoints
  std::uint64_t sync_after = std::uint64_t{1}
                             << 30;     ///< bytes written before a sync is forced: what
                                        ///< a recovery has to read at most, about
  BackgroundSync background_sync = {};  ///< of buffered commits; by default none
  std::uint64_t redo_log_size = 0;  ///< bytes of the file where small `full` and `buffered` commits
                                    ///< are recorded instead of their pages; 0: none. Their pages
                                    ///< are written when the log is full. Of no effect where
                                    ///< processes share the file.
  std::uint64_t map_reserve = std::uint64_t{1} << 40;  ///< bytes of address space
  std::uint32_t reader_slots = 1024;  ///< threads (and snapshots at different states) reading at
                                      ///< once, of all processes; the first opener's choice counts
  ReaderLimits reader_limits = {};    ///< none by default; each process has its own
  ProgressHook progress = {};  ///< of long work that has no hook of its own; each opening's own
  LogHook log = {};            ///< hears what no call returns
  std::chrono::milliseconds long_wait{1000};  ///< for the writer's place, before the log says so
  bool any_file_system = false;    ///< opens also where nothing keeps machines from spoiling each
                                   ///< other's work (network file systems), or writes may hide
  bool poison_free_pages = false;  ///< for finding views that outlive what kept them: pages are
                                   ///< overwritten as soon as no reader may see them any more
  std::uint32_t checkpoint_after = 64;  ///< space-log pages before a checkpoint is considered
  bool log_in_slots = true;             ///< small records of the space log need no pages; false:
                                        ///< for tests of those that do
  FileSystem* file_system = nullptr;    ///< not owned; none: the operating system's
  std::shared_ptr<FileSystem> file_system_owner = {};  ///< kept for as long as the database is open
  SafetyRules rules = {};                              ///< for tests only
};

}  // namespace quire
