#include "quire/api/lmdb/environment.hpp"

#include <lmdb.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "quire/api/lmdb/catalog.hpp"
#include "quire/api/lmdb/lmdb_error.hpp"
#include "quire/api/lmdb/view.hpp"

namespace quire {
namespace {

constexpr mdb_mode_t file_mode = 0644;
/// Reset transactions that are kept, each with a reader slot.
constexpr std::size_t most_idle_readers = 16;

unsigned flags_for(const LmdbSettings& settings) {
  unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
  if (settings.access == Access::read_only) flags |= MDB_RDONLY;
  if (!settings.is_synced) flags |= MDB_NOSYNC;
  return flags;
}

/// The environments that this process has open. Those that nobody has any more are there until
/// their file is closed.
class OpenEnvironments {
 public:
  /// What `open` makes, unless the file is open already.
  template <class Open>
  Result<std::shared_ptr<LmdbEnvironment>> find_or(const std::string& path, const Open& open) {
    std::unique_lock lock(mutex_);
    std::shared_ptr<LmdbEnvironment> found;
    closed_.wait(lock, [&] {
      const auto same = std::ranges::find_if(entries_, [&](const Entry& entry) {
        std::error_code absent;
        return std::filesystem::equivalent(entry.path, path, absent);
      });
      found = same == entries_.end() ? nullptr : same->environment.lock();
      return same == entries_.end() || found != nullptr;
    });
    if (found) return found;
    auto made = open();
    if (made) entries_.push_back({path, made->get(), *made});
    return made;
  }

  /// Calls close and forgets the environment; nobody opens its file meanwhile.
  template <class Close>
  void remove(const LmdbEnvironment* environment, const Close& close) {
    const std::scoped_lock lock(mutex_);
    close();
    std::erase_if(entries_, [&](const Entry& entry) { return entry.address == environment; });
    closed_.notify_all();
  }

 private:
  struct Entry {
    std::string path;
    const LmdbEnvironment* address;
    std::weak_ptr<LmdbEnvironment> environment;
  };

  std::mutex mutex_;
  std::condition_variable closed_;
  std::vector<Entry> entries_;
};

/// Never destroyed, as environments may be closed at the very end of the program.
OpenEnvironments& open_environments() {
  static auto* const all = new OpenEnvironments;
  return *all;
}

}  // namespace

Result<std::shared_ptr<LmdbEnvironment>> LmdbEnvironment::open(const std::string& path,
                                                               const LmdbSettings& settings) {
  // What fails to open is destroyed outside, where the lock is free.
  const auto made = std::make_shared<LmdbEnvironment>(path, settings);
  auto environment =
      open_environments().find_or(path, [&]() -> Result<std::shared_ptr<LmdbEnvironment>> {
        if (Status opened = made->open_file(); !opened) return fail(opened);
        return made;
      });
  if (!environment || (*environment)->settings() == settings) return environment;
  return fail(
      Error(ErrorCode::busy).with_detail(path + ": this program has it open with other choices"));
}

LmdbEnvironment::~LmdbEnvironment() {
  for (MDB_txn* reader : idle_) ::mdb_txn_abort(reader);
  if (handle_ == nullptr) return;
  open_environments().remove(this, [&] { ::mdb_env_close(handle_); });
}

Status LmdbEnvironment::open_file() {
  int code = ::mdb_env_create(&handle_);
  if (code == 0) code = ::mdb_env_set_mapsize(handle_, settings_.map_size);
  if (code == 0) code = ::mdb_env_set_maxreaders(handle_, settings_.reader_slots);
  if (code == 0) code = ::mdb_env_open(handle_, path_.c_str(), flags_for(settings_), file_mode);
  if (code != 0) return lmdb_failure(code, path_);
  idle_.reserve(most_idle_readers);
  // What readers of killed processes keep is of no use to anybody; a failure changes nothing.
  static_cast<void>(::mdb_reader_check(handle_, nullptr));
  if (Status opened = open_main_database(); !opened) return opened;
  return check_content();
}

Status LmdbEnvironment::open_main_database() {
  const auto txn = begin_read();
  if (!txn) return fail(txn);
  const int code = ::mdb_dbi_open(*txn, nullptr, 0, &tables_);
  ::mdb_txn_abort(*txn);
  if (code != 0) return lmdb_failure(code, path_);
  return {};
}

Status LmdbEnvironment::check_content() {
  const auto view = read();
  if (!view) return fail(view);
  const auto is_ours = has_lmdb_header(**view);
  if (!is_ours) return fail(is_ours);
  if (*is_ours) return {};
  const auto is_empty = (*view)->is_empty();
  if (!is_empty) return fail(is_empty);
  if (!*is_empty || settings_.access == Access::read_only)
    return fail(Error(ErrorCode::not_a_database).with_detail(path_ + ": LMDB's, but not of quire"));
  return write_lmdb_header(*this);
}

Result<std::shared_ptr<LmdbView>> LmdbEnvironment::read() {
  // Before the lock, because it may be the last one of an older state, which is then given back.
  std::shared_ptr<LmdbView> newest;
  const std::scoped_lock lock(readers_);
  newest = newest_.lock();
  if (newest && newest->txn().value == newest_txn()) return newest;
  const auto txn = begin_read();
  if (!txn) return fail(txn);
  auto view = std::make_shared<LmdbView>(shared_from_this(), *txn, Access::read_only);
  newest_ = view;
  return view;
}

std::uint64_t LmdbEnvironment::newest_txn() const {
  MDB_envinfo info;
  return ::mdb_env_info(handle_, &info) == 0 ? info.me_last_txnid : 0;
}

Result<MDB_txn*> LmdbEnvironment::begin_read() {
  MDB_txn* txn = nullptr;
  if (!idle_.empty()) {
    txn = idle_.back();
    idle_.pop_back();
    const int code = ::mdb_txn_renew(txn);
    if (code == 0) return txn;
    ::mdb_txn_abort(txn);
    return lmdb_failure(code, path_);
  }
  int code = ::mdb_txn_begin(handle_, nullptr, MDB_RDONLY, &txn);
  if (code == MDB_READERS_FULL && ::mdb_reader_check(handle_, nullptr) == 0)
    code = ::mdb_txn_begin(handle_, nullptr, MDB_RDONLY, &txn);
  if (code != 0) return lmdb_failure(code, path_);
  return txn;
}

void LmdbEnvironment::take_back(MDB_txn* reader) noexcept {
  const std::scoped_lock lock(readers_);
  if (idle_.size() < most_idle_readers) {
    ::mdb_txn_reset(reader);
    idle_.push_back(reader);
  } else {
    ::mdb_txn_abort(reader);
  }
}

Result<std::shared_ptr<LmdbView>> LmdbEnvironment::write() {
  if (settings_.access == Access::read_only)
    return fail(Error(ErrorCode::read_only).with_detail(path_));
  if (writer_.load() == std::this_thread::get_id()) return fail(ErrorCode::wrong_thread);
  gate_.lock();
  writer_.store(std::this_thread::get_id());
  MDB_txn* txn = nullptr;
  if (const int code = ::mdb_txn_begin(handle_, nullptr, 0, &txn); code != 0) {
    end_write();
    return lmdb_failure(code, path_);
  }
  return std::make_shared<LmdbView>(shared_from_this(), txn, Access::read_write);
}

void LmdbEnvironment::end_write() noexcept {
  writer_.store(std::thread::id());
  gate_.unlock();
}

Status LmdbEnvironment::sync() const {
  if (settings_.access == Access::read_only) return {};
  if (const int code = ::mdb_env_sync(handle_, 1); code != 0) return lmdb_failure(code, path_);
  return {};
}

}  // namespace quire
