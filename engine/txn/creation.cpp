#include "quire/engine/txn/creation.hpp"

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
  encode_log_record(record, {}, {&bytes, 1});
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
  if (Status locked = file.lock_exclusive(); !locked) return give_up(locked.error());
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

bool may_create(const Options& options) {
  return options.create == Create::if_missing && options.access == Access::read_write;
}

Status lock(File& file, Access access) {
  return access == Access::read_only ? file.lock_shared() : file.lock_exclusive();
}

/// One attempt; nothing when the file changed under us and another attempt is due.
Result<std::unique_ptr<File>> try_open(FileSystem& files, const std::string& path,
                                       const Options& options) {
  Result<std::unique_ptr<File>> opened = files.open(path, options.access);
  if (!opened) {
    const bool is_missing = opened.error().code() == ErrorCode::file_missing;
    if (!is_missing || !may_create(options)) return opened;
    return create(files, path, options, Naming::link);
  }
  File& file = **opened;
  if (Status fit = check_file_system(files, file, path, options); !fit) return fail(fit);
  if (Status locked = lock(file, options.access); !locked) return fail(locked);
  if (!file.is_still_at_path()) return std::unique_ptr<File>();
  const Result<std::uint64_t> size = file.size();
  if (!size) return fail(size);
  if (*size == 0 && may_create(options)) return create(files, path, options, Naming::replace);
  return opened;
}

}  // namespace

Result<std::unique_ptr<File>> open_or_create(FileSystem& files, const std::string& path,
                                             const Options& options) {
  // Each round that finds nothing lost a race to somebody who made or replaced the file.
  for (int attempt = 0; attempt < 100; ++attempt) {
    Result<std::unique_ptr<File>> file = try_open(files, path, options);
    if (!file || *file != nullptr) return file;
  }
  return fail(Error(ErrorCode::busy).with_detail(path));
}

}  // namespace quire
