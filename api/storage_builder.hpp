// StorageBuilder: says how a storage is to be opened, and opens it.
#pragma once

#include <bit>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "quire/api/storage.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// What a storage is kept in.
namespace backend {

struct Native {};
struct Memory {};

/// A file of the operating system. The default.
inline constexpr Native native{};

/// Memory of this process: empty at first, of at most 64 GiB, and gone with the storage and the
/// last guard. The path is nothing but its name.
inline constexpr Memory memory{};

}  // namespace backend

/// Every choice is optional. build() refuses choices that contradict each other; nothing is opened
/// then. Not thread-safe; one builder may open several storages.
class StorageBuilder {
 public:
  /// The file's path; the temporary file of a creation lies beside it.
  explicit StorageBuilder(std::string path) : path_(std::move(path)) {}

  StorageBuilder& with_backend(backend::Native) { return with_place(Place::system); }

  /// Each build() makes another storage.
  StorageBuilder& with_backend(backend::Memory) { return with_place(Place::memory); }

  /// A file of another file system: for tests, and for those who know engine/file/file.hpp. It must
  /// outlive the storage and all handles on it.
  StorageBuilder& with_backend(FileSystem& files) {
    options_.file_system = &files;
    return with_place(Place::elsewhere);
  }

  /// Bytes: a power of two from 4096 to 65536, 4096 by default. Only for a file that is created;
  /// one that is there keeps its own.
  StorageBuilder& with_page_size(std::uint32_t page_size) {
    page_size_ = page_size;
    return *this;
  }

  /// What commits wait for that do not say. Durability::full by default. With
  /// Durability::resident the storage is for this process alone.
  StorageBuilder& with_durability(Durability durability) {
    durability_ = durability;
    return *this;
  }

  /// When buffered and resident commits are synced by a thread of the storage's own: by default a
  /// second after the first of them, and as soon as 64 MiB are written; BackgroundSync{}: never.
  /// Without such commits there is no such thread.
  StorageBuilder& with_background_sync(BackgroundSync background_sync) {
    options_.background_sync = background_sync;
    return *this;
  }

  /// Who else may have the file open: by default other processes that share it, too, and then
  /// `<path>-lock` lies beside it. Sharing::exclusive: this process alone; the default where
  /// commits are resident.
  StorageBuilder& with_sharing(Sharing sharing) {
    sharing_ = sharing;
    return *this;
  }

  /// Access::read_write by default. A storage opened read_only is never created.
  StorageBuilder& with_access(Access access) {
    options_.access = access;
    return *this;
  }

  /// Whether a missing file is made: by default it is, unless the access is read_only.
  StorageBuilder& with_create(Create create) {
    create_ = create;
    return *this;
  }

  /// Bytes of a transaction's pages that may stay in memory, 256 MiB by default.
  StorageBuilder& with_memory_budget(std::uint64_t memory_budget) {
    options_.memory_budget = memory_budget;
    return *this;
  }

  /// When pages are checked. Verification::first_touch by default.
  StorageBuilder& with_verification(Verification verification) {
    options_.verification = verification;
    return *this;
  }

  /// What readers may keep before somebody hears of it, or before they are ousted. No limits by
  /// default. They are held against readers of all processes when this one writes.
  StorageBuilder& with_reader_limits(ReaderLimits reader_limits) {
    options_.reader_limits = std::move(reader_limits);
    return *this;
  }

  /// Opens the file also on a network file system, or one that was seen not to show writes in a
  /// memory map. Only for those who know that nobody else has it open.
  StorageBuilder& with_any_file_system(bool is_any = true) {
    options_.any_file_system = is_any;
    return *this;
  }

  /// For finding mistakes: overwrites pages as soon as no snapshot and no guard keeps them, so that
  /// a view which outlived its guard is seen to read 0xDB at once. Each page is written twice then.
  StorageBuilder& with_poisoned_free_pages(bool is_poisoning = true) {
    options_.poison_free_pages = is_poisoning;
    return *this;
  }

  /// Bytes of address space to reserve for the file to grow in, 1 TiB by default.
  StorageBuilder& with_map_reserve(std::uint64_t map_reserve) {
    options_.map_reserve = map_reserve;
    return *this;
  }

  /// Threads, and snapshots at different states, that may read at once; 1024 by default.
  StorageBuilder& with_reader_slots(std::uint32_t reader_slots) {
    options_.reader_slots = reader_slots;
    return *this;
  }

  /// Opens the storage. invalid_argument: the choices contradict each other, as the detail says.
  /// Otherwise fails as Database::open does: file_missing, permission, busy (open elsewhere),
  /// unsupported_file (a directory, a network file system), not_a_database, format_too_new,
  /// feature_unknown, corrupt, io_failed, no_space.
  [[nodiscard]] Result<Storage> build() const {
    if (const std::string reason = contradiction(); !reason.empty()) {
      return fail(Error(ErrorCode::invalid_argument).with_detail(reason));
    }
    auto database = Database::open(path_, options());
    if (!database) return fail(database);
    return Storage(std::move(*database));
  }

 private:
  enum class Place : std::uint8_t { system, memory, elsewhere };

  StorageBuilder& with_place(Place place) {
    place_ = place;
    if (place != Place::elsewhere) options_.file_system = nullptr;
    return *this;
  }

  [[nodiscard]] bool is_read_only() const { return options_.access == Access::read_only; }
  [[nodiscard]] bool is_resident() const { return durability_ == Durability::resident; }

  /// Why these choices cannot be; empty when they can.
  [[nodiscard]] std::string contradiction() const {
    if (path_.empty()) return "the path is empty";
    if (place_ == Place::memory && create() == Create::never) {
      return "a storage in memory is made each time: open it for writing and allow creation";
    }
    if (place_ == Place::memory && sharing_ == Sharing::shared) {
      return "a storage in memory is that of one process: leave out Sharing::shared";
    }
    if (is_resident() && sharing_ == Sharing::shared) {
      return "resident commits are seen by one process alone: leave out Sharing::shared or commit "
             "with Durability::buffered";
    }
    if (is_read_only() && create_ == Create::if_missing) {
      return "a storage that is opened read-only cannot be created: leave out "
             "Create::if_missing or open it for writing";
    }
    if (is_read_only() && durability_) {
      return "a storage that is opened read-only commits nothing: leave out the durability or open "
             "it for writing";
    }
    if (!page_size_) return {};
    if (create() == Create::never) {
      return "a page size is chosen when a storage is created, and this one must be there already: "
             "leave it out or allow creation";
    }
    if (!std::has_single_bit(*page_size_) || *page_size_ < 4096 || *page_size_ > 65536) {
      return "a page size is a power of two from 4096 to 65536, and not " +
             std::to_string(*page_size_);
    }
    return {};
  }

  [[nodiscard]] Create create() const {
    return create_.value_or(is_read_only() ? Create::never : Create::if_missing);
  }

  [[nodiscard]] Options options() const {
    Options options = options_;
    options.create = create();
    options.sharing = sharing_.value_or(is_resident() ? Sharing::exclusive : Sharing::shared);
    if (page_size_) options.page_size = *page_size_;
    if (durability_) options.durability = *durability_;
    if (place_ == Place::memory) {
      options.file_system_owner = std::make_shared<MemoryFileSystem>();
      options.file_system = options.file_system_owner.get();
    }
    return options;
  }

  std::string path_;
  Options options_{
      .background_sync = {.interval = std::chrono::seconds(1), .size = std::uint64_t{64} << 20}};
  Place place_ = Place::system;
  std::optional<std::uint32_t> page_size_;
  std::optional<Durability> durability_;
  std::optional<Create> create_;
  std::optional<Sharing> sharing_;
};

}  // namespace quire
