// LmdbEnvironment: one file of LMDB's that this process has open.
//
// LMDB bids a process open a file once only, so whoever opens it again shares the environment.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "quire/api/lmdb/handles.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

class LmdbView;

/// How an environment is opened.
struct LmdbSettings {
  Access access = Access::read_write;
  bool is_synced = true;  ///< each commit, before it returns
  std::size_t map_size = std::size_t{1} << 40;
  std::uint32_t reader_slots = 1024;
  bool operator==(const LmdbSettings&) const = default;
};

/// Closes when the last handle, view and keeper is gone. Thread-safe.
class LmdbEnvironment : public std::enable_shared_from_this<LmdbEnvironment> {
 public:
  /// Opens the file, or makes it, or shares what this process has open with the same settings.
  /// busy: it has it open with others. file_missing, permission, not_a_database, format_too_new,
  /// io_failed, no_space.
  static Result<std::shared_ptr<LmdbEnvironment>> open(const std::string& path,
                                                       const LmdbSettings& settings);

  LmdbEnvironment(std::string path, const LmdbSettings& settings)
      : path_(std::move(path)), settings_(settings) {}
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;
  ~LmdbEnvironment();

  /// The newest committed state. All views of one state that live at the same time are one.
  /// too_many_readers.
  Result<std::shared_ptr<LmdbView>> read();

  /// The one write transaction; waits in turn for that of another thread or process to end.
  /// read_only, wrong_thread (this thread holds it).
  Result<std::shared_ptr<LmdbView>> write();

  /// Makes every commit that has returned durable.
  [[nodiscard]] Status sync() const;

  [[nodiscard]] DatabaseIdentity identity() const { return identity_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const LmdbSettings& settings() const { return settings_; }
  [[nodiscard]] bool is_writing() const { return writer_.load() != std::thread::id(); }

 private:
  friend LmdbView;

  /// For views that end.
  void take_back(MDB_txn* reader) noexcept;
  void end_write() noexcept;

  Status open_file();
  Status open_main_database();
  Status check_content();
  Result<MDB_txn*> begin_read();
  [[nodiscard]] std::uint64_t newest_txn() const;

  const DatabaseIdentity identity_ = DatabaseIdentity::make();
  std::string path_;
  LmdbSettings settings_;
  MDB_env* handle_ = nullptr;
  unsigned tables_ = 0;  ///< LMDB's handle of its main database
  std::mutex readers_;
  std::weak_ptr<LmdbView> newest_;
  std::vector<MDB_txn*> idle_;  ///< reset, to be renewed
  std::mutex gate_;             ///< held by the thread that writes
  std::atomic<std::thread::id> writer_;
};

}  // namespace quire
