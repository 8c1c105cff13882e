#include "quire/engine/txn/creation.hpp"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "quire/engine/page/seal.hpp"
#include "quire/engine/space/space_log.hpp"
#include "quire/engine/txn/ceiling.hpp"
#include "quire/engine/txn/file_system_guard.hpp"
#include "quire/engine/txn/meta.hpp"

namespace quire {
namespace {

constexpr TxnId first_txn{1};

/// An empty database: no table, and a space log that says that nothing is free.
Meta empty_database(FileSystem& files, std::uint32_t page_size) {
  Meta meta;
  meta.state.txn = first_txn;
  meta.state.log_page = {layout::first_page(page_size)};
  meta.state.log_born = first_txn;
  meta.state.page_count = meta.state.log_page.after(1);
  meta.durable = first_txn;
  meta.ceiling = raised_ceiling(first_txn);
  meta.page_size = page_size;
  meta.file_id = files.unique_bytes();
  meta.boot_id = files.boot_id();
  meta.time = files.now();
  return meta;
}

std::vector<std::byte> first_log_page(const Meta& meta) {
  LogRecord record;
  record.txn = first_txn;
  record.is_checkpoint = true;
  record.page_count = meta.state.page_count;
  record.pages = {meta.state.log_page};
  std::vector<std::byte> page(meta.page_size);
  const MutableBytes bytes(page);
  encode_log_record(record, {}, {}, {&bytes, 1});
  seal_page(page, {meta.state.log_page, first_txn, catalog_table}, seed_of(meta.file_id));
  return page;
}

Status write_at(File& file, std::uint64_t offset, Bytes bytes) {
  return file.write(offset, {&bytes, 1});
}

Status fill(FileSystem& files, File& file, std::uint32_t page_size) {
  Meta meta = empty_database(files, page_size);
  const std::uint64_t size = std::uint64_t{meta.state.page_count.value} * page_size;
  if (Status grown = file.grow(size); !grown) return grown;
  const std::vector<std::byte> log = first_log_page(meta);
  const std::uint64_t log_offset = std::uint64_t{meta.state.log_page.value} * page_size;
  if (Status done = write_at(file, log_offset, log); !done) return done;
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    meta.sequence = slot + 1;
    const layout::MetaSlot bytes = encode_meta(meta);
    Status done = write_at(file, slot_offset(slot), std::as_bytes(std::span(&bytes, 1)));
    if (!done) return done;
  }
  return file.sync();
}

/// How the new file gets its name: beside the others, or in the place of an empty one.
enum class Naming : std::uint8_t { link, replace };

/// What an attempt to open came to.
struct Attempt {
  std::optional<OpenedFile> opened;  ///< nothing: the file changed under us, another is due
  std::optional<Error> obstacle;     ///< if that does not help either
};

/// Over a new file that nobody else can have yet.
Status lock_new(File& file, bool is_shared) {
  if (is_shared) {
    Status locked = file.lock(LockPlace::opening, LockKind::exclusive, LockWait::no);
    if (!locked) return locked;
  }
  return file.lock_exclusive();
}

bool is_shared(const FileSystem& files, const Options& options) {
  return options.sharing == Sharing::shared && files.can_share();
}

/// The new file, or nothing when somebody else was faster.
Result<std::unique_ptr<File>> create(FileSystem& files, const std::string& path,
                                     const Options& options, Naming naming) {
  Result<std::unique_ptr<File>> made = files.create_beside(path);
  if (!made) return made;
  File& file = **made;
  const auto give_name = [&]() -> Result<bool> {
    if (naming == Naming::link) return files.publish(file, path);
    if (Status replaced = files.replace(file, path); !replaced) return fail(replaced);
    return true;
  };
  const auto give_up = [&](const Error& error) {
    files.discard(file);
    return fail(error);
  };
  if (Status fit = check_file_system(files, file, path, options); !fit) return give_up(fit.error());
  const Status locked = lock_new(file, is_shared(files, options));
  if (!locked) return give_up(locked.error());
  Result<bool> named = false;
  if (!options.rules.atomic_creation) named = give_name();
  Status filled = fill(files, file, options.page_size);
  if (!filled) return give_up(filled.error());
  if (options.rules.atomic_creation) named = give_name();
  if (!named) return give_up(named.error());
  if (!*named) {
    files.discard(file);
    return std::unique_ptr<File>();
  }
  if (Status synced = files.sync_directory(path); !synced) return fail(synced);
  return made;
}

Result<Attempt> try_create(FileSystem& files, const std::string& path, const Options& options,
                           Naming naming) {
  Result<std::unique_ptr<File>> made = create(files, path, options, naming);
  if (!made) return fail(made);
  if (*made == nullptr) return Attempt{};
  const Presence presence = is_shared(files, options) ? Presence::first : Presence::alone;
  return Attempt{OpenedFile{*std::move(made), presence, {}, true}, {}};
}

bool may_create(const Options& options) {
  return options.create == Create::if_missing && options.access == Access::read_write;
}

// ---- Who else is there

Error read_elsewhere(const std::string& path) {
  Error error(ErrorCode::busy);
  error.with_detail(path +
                    ": others have it open for reading only; who writes has to wait for their end");
  return error;
}

/// What opens the file besides those that share it, or joins them.
Result<Attempt> join(FileSystem& files, std::unique_ptr<File> file, const std::string& path,
                     Access access) {
  Result<LockFile> lock_file = LockFile::join(path, {file->identity(), files.boot_id()});
  if (lock_file)
    return Attempt{OpenedFile{std::move(file), Presence::joined, *std::move(lock_file)}, {}};
  const bool is_shared = file->is_locked_elsewhere(LockPlace::sharing);
  if (is_shared) return Attempt{{}, lock_file.error()};
  if (access == Access::read_write) return Attempt{{}, read_elsewhere(path)};
  return Attempt{OpenedFile{std::move(file), Presence::reading, {}}, {}};
}

/// Waits for those who come or go, then takes its place among those who are there.
Result<Attempt> enter_shared(FileSystem& files, std::unique_ptr<File> file, const std::string& path,
                             Access access) {
  const bool may_write = access == Access::read_write;
  const LockKind kind = may_write ? LockKind::exclusive : LockKind::shared;
  Status locked = file->lock(LockPlace::opening, kind, LockWait::yes);
  if (!locked) return fail(locked);
  if (may_write && file->lock(LockPlace::presence, LockKind::exclusive, LockWait::no))
    return Attempt{OpenedFile{std::move(file), Presence::first, {}}, {}};
  locked = file->lock(LockPlace::presence, LockKind::shared, LockWait::no);
  if (!locked) return fail(locked);
  return join(files, std::move(file), path, access);
}

Result<Attempt> enter(FileSystem& files, std::unique_ptr<File> file, const std::string& path,
                      const Options& options) {
  if (is_shared(files, options)) return enter_shared(files, std::move(file), path, options.access);
  const bool is_reading = options.access == Access::read_only;
  const Status locked = is_reading ? file->lock_shared() : file->lock_exclusive();
  if (!locked) return fail(locked);
  // Who shares a file does not see the pins of one who reads it without.
  if (is_reading && file->is_locked_elsewhere(LockPlace::sharing))
    return fail(Error(ErrorCode::busy).with_detail(path + ": others share it"));
  const Presence presence = is_reading ? Presence::reading : Presence::alone;
  return Attempt{OpenedFile{std::move(file), presence, {}}, {}};
}

Result<Attempt> try_open(FileSystem& files, const std::string& path, const Options& options) {
  Result<std::unique_ptr<File>> opened = files.open(path, options.access);
  if (!opened) {
    const bool is_missing = opened.error().code() == ErrorCode::file_missing;
    if (!is_missing || !may_create(options)) return fail(opened);
    return try_create(files, path, options, Naming::link);
  }
  if (Status fit = check_file_system(files, **opened, path, options); !fit) return fail(fit);
  Result<Attempt> entered = enter(files, *std::move(opened), path, options);
  if (!entered || !entered->opened) return entered;
  File& file = *entered->opened->file;
  if (!file.is_still_at_path()) return Attempt{};
  const Result<std::uint64_t> size = file.size();
  if (!size) return fail(size);
  if (*size == 0 && may_create(options)) return try_create(files, path, options, Naming::replace);
  return entered;
}

}  // namespace

Result<OpenedFile> open_or_create(FileSystem& files, const std::string& path,
                                  const Options& options) {
  // Each round that finds nothing lost a race: to somebody who made or replaced the file, or to a
  // process that is being killed.
  constexpr std::chrono::milliseconds pause{2};
  std::optional<Error> obstacle;
  int obstacle_count = 0;
  for (int attempt = 0; attempt < 100 && obstacle_count < 25; ++attempt) {
    Result<Attempt> tried = try_open(files, path, options);
    if (!tried) return fail(tried);
    if (tried->opened) return *std::move(tried->opened);
    obstacle = tried->obstacle;
    if (!obstacle) continue;
    ++obstacle_count;
    std::this_thread::sleep_for(pause);
  }
  return fail(obstacle.value_or(Error(ErrorCode::busy).with_detail(path)));
}

Status admit_others(File& file, Presence presence) {
  if (presence == Presence::alone) return {};
  if (presence != Presence::reading) {
    Status shared = file.lock(LockPlace::sharing, LockKind::shared, LockWait::no);
    if (!shared) return shared;
    shared = file.lock(LockPlace::presence, LockKind::shared, LockWait::no);
    if (!shared) return shared;
  }
  file.unlock(LockPlace::opening);
  return {};
}

}  // namespace quire
