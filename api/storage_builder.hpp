// StorageBuilder: says how a storage is to be opened, and opens it.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/api/storage.hpp"
#include "quire/api/storage_choices.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// A word for what a storage is kept in: which backend, and what that is to be told.
template <class T>
concept BackendChoice =
    Backend<typename T::Place> &&
    requires(const T& chosen, StorageChoices& choices) { chosen.choose(choices); };

/// Every choice is optional. build() refuses choices that contradict each other; nothing is opened
/// then. Not thread-safe; one builder may open several storages.
template <Backend Place>
class [[nodiscard]] BasicStorageBuilder {
 public:
  /// The file's path; the temporary file of a creation lies beside it.
  explicit BasicStorageBuilder(std::string path) : choices_{.path = std::move(path)} {}
  /// With what was chosen of another one.
  explicit BasicStorageBuilder(StorageChoices choices) : choices_(std::move(choices)) {}

  /// What the storage is kept in. backend::native, the default: a file of the operating system.
  /// backend::memory: memory of this process; each build() makes another storage. Both give this
  /// builder; others, which have headers of their own, one of storages over them:
  ///   StorageBuilder("cities.mdb").with_backend(backend::lmdb).build()
  /// build() refuses what a backend cannot honour of the choices made before or after.
  template <BackendChoice Chosen>
  decltype(auto) with_backend(Chosen chosen) {
    if constexpr (std::same_as<typename Chosen::Place, Place>) {
      chosen.choose(choices_);
      return (*this);
    } else {
      StorageChoices choices = choices_;
      chosen.choose(choices);
      return BasicStorageBuilder<typename Chosen::Place>(std::move(choices));
    }
  }

  /// A file of another file system: for tests, and for those who know engine/file/file.hpp. It must
  /// outlive the storage and all handles on it.
  BasicStorageBuilder& with_backend(FileSystem& files)
    requires std::same_as<Place, backend::Native>
  {
    choices_.file = ChosenFile::of_file_system;
    choices_.file_system = &files;
    return *this;
  }

  /// Bytes: a power of two from 4096 to 65536, 4096 by default. Only for a file that is created;
  /// one that is there keeps its own.
  BasicStorageBuilder& with_page_size(std::uint32_t page_size) {
    choices_.page_size = page_size;
    return *this;
  }

  /// What commits wait for that do not say. Durability::full by default. With
  /// Durability::resident the storage is for this process alone.
  BasicStorageBuilder& with_durability(Durability durability) {
    choices_.durability = durability;
    return *this;
  }

  /// When buffered and resident commits are synced by a thread of the storage's own: by default a
  /// second after the first of them, and as soon as 64 MiB are written; BackgroundSync{}: never
  /// (with_sync_after stays). Without such commits there is no such thread.
  BasicStorageBuilder& with_background_sync(BackgroundSync background_sync) {
    choices_.background_sync = background_sync;
    return *this;
  }

  /// Bytes of pages that may be written without a sync, 1 GiB by default: the buffered commit that
  /// reaches them waits for one. They are about what the opening after a power failure has to read
  /// at most, whatever the file's size. With more than is ever written
  /// (std::numeric_limits<std::uint64_t>::max()) no amount of bytes makes a buffered commit wait;
  /// one in 65,536, the first after an opening, and where a redo log is used those that find it
  /// full still do. What a redo log records counts when its pages are written.
  BasicStorageBuilder& with_sync_after(std::uint64_t size) {
    choices_.sync_after = size;
    return *this;
  }

  /// Who else may have the file open: by default other processes that share it, too, and then
  /// `<path>-lock` lies beside it. Sharing::exclusive: this process alone; the default where
  /// commits are resident.
  BasicStorageBuilder& with_sharing(Sharing sharing) {
    choices_.sharing = sharing;
    return *this;
  }

  /// Access::read_write by default. A storage opened read_only is never created.
  BasicStorageBuilder& with_access(Access access) {
    choices_.access = access;
    return *this;
  }

  /// Whether a missing file is made: by default it is, unless the access is read_only.
  BasicStorageBuilder& with_create(Create create) {
    choices_.create = create;
    return *this;
  }

  /// Bytes of a transaction's pages that may stay in memory, 256 MiB by default.
  BasicStorageBuilder& with_memory_budget(std::uint64_t memory_budget) {
    choices_.memory_budget = memory_budget;
    return *this;
  }

  /// Small `full` and `buffered` commits of put and erase are recorded in so many bytes of the
  /// file, a redo log, instead of in pages: one short write, which full ones wait for, whatever
  /// number of pages they change. The pages are written together when the log is full, or
  /// memory_budget is used up, or the storage is closed; the commit that does so waits for the
  /// disk, also a buffered one. A storage that was not closed does again at its next opening what
  /// the log says.
  ///
  /// Commits of other things are made as ever, and so are those of more than half of the log, and
  /// buffered ones of more than a part of 64; of those that nobody waits for
  /// (commit_without_waiting) full ones, and others once the log is full.
  ///
  /// Only for Sharing::exclusive, which it implies. Versions that do not know of redo logs refuse
  /// the file as long as any of its meta slots names one. By default there is none.
  BasicStorageBuilder& with_redo_log(std::uint64_t size = std::uint64_t{8} << 20) {
    choices_.redo_log_size = size;
    return *this;
  }

  /// When pages are checked. Verification::first_touch by default.
  BasicStorageBuilder& with_verification(Verification verification) {
    choices_.verification = verification;
    return *this;
  }

  /// What readers may keep before somebody hears of it, or before they are ousted. No limits by
  /// default. They are held against readers of all processes when this one writes.
  BasicStorageBuilder& with_reader_limits(ReaderLimits reader_limits) {
    choices_.reader_limits = std::move(reader_limits);
    return *this;
  }

  /// Opens the file also on a network file system, or one that was seen not to show writes in a
  /// memory map. Only for those who know that nobody else has it open.
  BasicStorageBuilder& with_any_file_system(bool is_any = true) {
    choices_.any_file_system = is_any;
    return *this;
  }

  /// For finding mistakes: overwrites pages as soon as no snapshot and no guard keeps them, so that
  /// a view which outlived its guard is seen to read 0xDB at once. Each page is written twice then.
  BasicStorageBuilder& with_poisoned_free_pages(bool is_poisoning = true) {
    choices_.poison_free_pages = is_poisoning;
    return *this;
  }

  /// Bytes of address space to reserve for the file to grow in, 1 TiB by default.
  BasicStorageBuilder& with_map_reserve(std::uint64_t map_reserve) {
    choices_.map_reserve = map_reserve;
    return *this;
  }

  /// Threads, and snapshots at different states, that may read at once; 1024 by default.
  BasicStorageBuilder& with_reader_slots(std::uint32_t reader_slots) {
    choices_.reader_slots = reader_slots;
    return *this;
  }

  /// What becomes of tables that are there already, where their own builders do not say.
  /// Recreate::never by default. Sequences stay whatever is chosen.
  BasicStorageBuilder& with_recreate(Recreate recreate) {
    choices_.recreate = recreate;
    return *this;
  }

  /// Hears how far bulk loads, backups, migrations and checks are that have no hook of their own.
  BasicStorageBuilder& with_progress(ProgressHook hook) {
    choices_.progress = std::move(hook);
    return *this;
  }

  /// Hears what happens to the file that no call returns: how it was found, what failed in the
  /// background, who waited longer than long_wait to write, and more (LogEvent). Where this process
  /// has the file open already, the hook of that opening goes on.
  BasicStorageBuilder& with_log(
      LogHook hook, std::chrono::milliseconds long_wait = std::chrono::milliseconds(1000)) {
    choices_.log = std::move(hook);
    choices_.long_wait = long_wait;
    return *this;
  }

  /// Opens the storage. invalid_argument: the choices contradict each other, or the backend cannot
  /// honour them, as the detail says. Otherwise fails as Database::open does: file_missing,
  /// permission, busy (open elsewhere), unsupported_file (a directory, a network file system),
  /// not_a_database, format_too_new, feature_unknown, corrupt, io_failed, no_space.
  [[nodiscard]] Result<BasicStorage<Place>> build() const {
    auto database = Place::open(choices_);
    if (!database) return fail(database);
    return BasicStorage<Place>(std::move(*database), choices_.recreate);
  }

 private:
  StorageChoices choices_;
};

using StorageBuilder = BasicStorageBuilder<backend::Native>;

}  // namespace quire
