// Database: one open file, and everything that begins with it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "quire/engine/base/database_identity.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/check.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/statistics.hpp"
#include "quire/engine/txn/snapshot.hpp"
#include "quire/engine/txn/write_transaction.hpp"

namespace quire {

class Core;
class Opening;
struct SingleEdit;

/// A handle; copies share one open file, which closes when the last copy, the open write
/// transaction and the last pin are gone. One that was moved from gives `closed`. Thread-safe.
class Database {
 public:
  /// Opens the file at path, or creates it as the options say; recovers it from whatever its last
  /// user left. Costs what was written since the last sync, whatever the size of the file.
  /// What this process has open already, by whatever path, is shared; then access, durability and
  /// closing are each opening's own, and of all else the first one's choices count.
  /// file_missing, permission, unsupported_file, busy (open elsewhere, or here with choices that
  /// cannot be shared), not_a_database, format_too_new, feature_unknown, corrupt, io_failed,
  /// no_space, invalid_argument (an impossible option).
  static Result<Database> open(const std::string& path, const Options& options = {});

  /// The newest published state, pinned. too_many_readers.
  [[nodiscard]] Result<Snapshot> snapshot() const;

  /// One value of the newest published state, with the pin that keeps it: cheaper than a snapshot.
  /// Nothing when there is no such entry. table_missing, too_many_readers.
  [[nodiscard]] Result<std::optional<PinnedValue>> get(TableId id, std::string_view name,
                                                       Bytes key) const;

  /// What check finds wrong with a value that get() gave; looked for once in each version of a
  /// page.
  [[nodiscard]] Status check_value(const PinnedValue& found, const ValueCheck& check) const;

  /// Begins the one write transaction; waits in turn for another thread's to end.
  /// read_only, poisoned, wrong_thread (this thread already holds it).
  [[nodiscard]] Result<WriteTransaction> begin_write() const;

  /// The same without waiting: busy when another thread writes.
  [[nodiscard]] Result<WriteTransaction> try_begin_write() const;

  /// The same, waiting so long at most: then busy.
  [[nodiscard]] Result<WriteTransaction> begin_write_for(std::chrono::nanoseconds timeout) const;

  /// One edit that is a transaction of its own: begins, edits and commits as WriteTransaction does.
  /// Those of several threads that wait at the same time become one commit, which each of them
  /// returns from as if it were alone.
  /// read_only, poisoned, wrong_thread (this thread holds a write transaction), and what the edit
  /// and a commit fail with; then nothing of it is there.
  Result<bool> put(TableId id, std::string_view name, Bytes key, Bytes value,
                   PutMode mode = PutMode::upsert, std::optional<Durability> durability = {}) const;
  Result<bool> erase(TableId id, std::string_view name, Bytes key,
                     std::optional<Durability> durability = {}) const;

  /// Makes every commit that has returned durable. One sync; none when nothing is waiting for one.
  /// no_space, full: what is in memory only could not be written, and is still there.
  Status sync() const;

  /// Closes cleanly and says what failed, where the destructor could not. Other copies of the
  /// handle get `closed` from then on; pinned bytes stay readable, and so do handles of other
  /// openings of the file. busy: a write transaction is open.
  Status close();

  /// Accounts for every page and checks every rule of the file, to which it commits first what is
  /// in memory only. Reads it all. wrong_thread (something is, and this thread has the write
  /// transaction), no_space. Without a hook, that of the options hears how far it is.
  [[nodiscard]] Result<CheckReport> check(const ProgressHook& hook = {}) const;

  [[nodiscard]] Result<Statistics> statistics() const;

  /// Everybody who keeps a state now, in all processes that share the file. closed.
  [[nodiscard]] Result<std::vector<ReaderInfo>> readers() const;

  /// What the handles of one open file share, and no others.
  [[nodiscard]] DatabaseIdentity identity() const noexcept;
  [[nodiscard]] const std::string& path() const;
  /// Where the file lies, with what to know of that. closed.
  [[nodiscard]] Result<FileSystemType> file_system() const;
  [[nodiscard]] const Options& options() const;  ///< in effect; page_size is the file's
  /// Where to tell what no call returns: the hook of the opening that came first.
  [[nodiscard]] Log log() const;

 private:
  Result<bool> commit_edit(const SingleEdit& edit, std::optional<Durability> durability) const;
  template <class Enter>
  [[nodiscard]] Result<WriteTransaction> begin_write_by(const Enter& enter) const;

  explicit Database(std::shared_ptr<Opening> opening) : opening_(std::move(opening)) {}
  [[nodiscard]] Core* core() const noexcept;  ///< null: closed
  std::shared_ptr<Opening> opening_;
};

}  // namespace quire
