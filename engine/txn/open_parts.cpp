#include "quire/engine/txn/open_parts.hpp"

#include "quire/engine/file/posix_file.hpp"
#include "quire/engine/txn/creation.hpp"
#include "quire/engine/txn/group_sync.hpp"
#include "quire/engine/txn/redo_log.hpp"
#include "quire/engine/txn/succession.hpp"

namespace quire {
namespace {

Result<Recovered> recover_file(const std::string& path, const RecoveryContext& context) {
  Result<Recovered> recovered = recover(context);
  if (recovered) return recovered;
  Error error = recovered.error();
  if (error.detail().empty()) error.with_detail(path);
  return fail(error);
}

std::shared_ptr<DataFile> make_data(std::unique_ptr<File> file, Bytes map, const Meta& meta,
                                    Verification verification) {
  return std::make_shared<DataFile>(std::move(file), map, meta.page_size, seed_of(meta.file_id),
                                    verification);
}

// ---- The control block

/// Everything is at the state that was recovered, or where those were who left it.
void set_words(ControlBlock& block, const Recovered& recovered) {
  const auto& inherited = recovered.inherited;
  Publication words(block, inherited ? inherited->durable : recovered.meta.state);
  GroupSync::set_up(words, recovered);
  if (inherited) inherit(words, recovered);
}

ControlHeader header_for(const LockFile& lock_file, const LockFileOwner& owner, const Meta& meta) {
  ControlHeader header{};
  header.magic = control_magic;
  header.version = control_version;
  header.slot_count = lock_file.slot_count();
  header.file = owner.file;
  header.boot_id = owner.boot_id;
  header.file_id = meta.file_id;
  header.page_size = meta.page_size;
  header.compatible_features = meta.compatible_features;
  header.read_only_features = meta.read_only_features;
  header.mount = owner.mount;
  return header;
}

/// The block of a file that will be shared: complete before others can find it.
Status make_shared_block(ReaderRegistry& readers, FileSystem& files, const std::string& path,
                         const LockFileOwner& owner, const Recovered& recovered) {
  Result<LockFile> made = LockFile::create(path, readers.slot_count());
  if (!made) return fail(made);
  const ControlHeader header = header_for(*made, owner, recovered.meta);
  if (Status shown = readers.share(*std::move(made)); !shown) return shown;
  readers.block().header = header;
  set_words(readers.block(), recovered);
  if (Status entered = readers.lock_file()->enter(files.now()); !entered) return entered;
  return readers.lock_file()->publish();
}

/// Facts of the file, and where those who have it open stand.
Recovered recovered_by_others(const ControlBlock& block, const Publication& words) {
  Recovered recovered{.meta = {}, .slots = {}, .space = Space(no_page), .log_chain = {}};
  words.read(words.written_word(), recovered.meta.state);
  recovered.meta.page_size = block.header.page_size;
  recovered.meta.file_id = block.header.file_id;
  recovered.meta.compatible_features = block.header.compatible_features;
  recovered.meta.read_only_features = block.header.read_only_features;
  recovered.is_joined = true;
  return recovered;
}

Result<OpenParts> join(OpenedFile opened, Bytes map, OpenParts parts) {
  parts.readers.reset(&ReaderRegistry::acquire(opened.lock_file->slot_count()));
  ReaderRegistry& readers = *parts.readers;
  if (Status shown = readers.share(*std::move(opened.lock_file)); !shown) return fail(shown);
  if (Status entered = readers.lock_file()->enter(parts.files.now()); !entered)
    return fail(entered);
  parts.recovered = recovered_by_others(readers.block(), Publication(readers.block()));
  const Meta& meta = parts.recovered.meta;
  if (meta.read_only_features != 0 && parts.options.access == Access::read_write)
    return fail(ErrorCode::feature_unknown);
  parts.data = make_data(std::move(opened.file), map, meta, parts.options.verification);
  return parts;
}

/// Goes on from what killed processes left; else recovers.
Result<Recovered> succeed_or_recover(const OpenParts& parts, const RecoveryContext& context,
                                     Presence presence, const LockFileOwner& owner) {
  const bool may_have_left = context.may_write && parts.files.can_share();
  const bool is_known_run = owner.mount != 0 && owner.boot_id != BootId{};
  if (may_have_left && presence == Presence::first && is_known_run) {
    const auto left = LockFile::left(parts.path, owner);
    auto recovered = left && left->header.mount == owner.mount ? succeed(*left, context)
                                                               : std::optional<Recovered>();
    if (recovered) return *std::move(recovered);
  }
  if (may_have_left) LockFile::discard_left(parts.path, owner);
  return recover_file(parts.path, context);
}

Result<OpenParts> begin(OpenedFile opened, Bytes map, OpenParts parts) {
  const Result<std::uint64_t> size = opened.file->size();
  if (!size) return fail(size);
  const bool may_write = parts.options.access == Access::read_write;
  const BootId boot_id = parts.files.boot_id();
  const LockFileOwner owner{opened.file->identity(), boot_id, opened.file->mount()};
  Result<Recovered> recovered =
      succeed_or_recover(parts, {*opened.file, map, *size, boot_id, may_write, parts.options.rules},
                         opened.presence, owner);
  if (!recovered) return fail(recovered);
  parts.recovered = *std::move(recovered);
  Meta& meta = parts.recovered.meta;
  parts.data = make_data(std::move(opened.file), map, meta, parts.options.verification);
  if (opened.presence == Presence::first) {
    const auto recorded = RedoReader(map, meta, parts.options.rules).next();
    if (!recorded) return fail(recorded);
    parts.has_redo = recorded->has_value();
    if (parts.has_redo) return parts;
  }
  parts.readers.reset(&ReaderRegistry::acquire(parts.options.reader_slots));
  if (opened.presence != Presence::first) {
    set_words(parts.readers->block(), parts.recovered);
    introduce(parts.readers->block().processes[0], parts.files.now());
    return parts;
  }
  const Status made =
      make_shared_block(*parts.readers, parts.files, parts.path, owner, parts.recovered);
  return made ? Result<OpenParts>(std::move(parts)) : fail(made);
}

// ---- What the log hears of it

LogEvent opening_event(const Recovered& recovered, bool is_new) {
  if (is_new) return LogEvent::created;
  if (recovered.rejected) return LogEvent::rolled_back;
  const bool is_left = recovered.inherited && !recovered.inherited->is_synced();
  return recovered.had_to_write || is_left ? LogEvent::recovered : LogEvent::opened;
}

const char* opening_detail(const Recovered& recovered) {
  if (recovered.is_joined) return "others have it open, too";
  return recovered.inherited ? "others left it without a close" : "";
}

void log_opening(const OpenParts& parts, bool is_new) {
  const Recovered& recovered = parts.recovered;
  parts.log.tell({.event = opening_event(recovered, is_new),
                  .path = {},
                  .txn = recovered.meta.state.txn,
                  .detail = opening_detail(recovered),
                  .cause = recovered.rejected});
}

std::string describe(const ReaderInfo& reader) {
  return "\"" + reader.name + "\" of process " + std::to_string(reader.process_id) + " keeps " +
         std::to_string(reader.kept_bytes) + " bytes of pages that are not used any more";
}

/// The log hears of what passes a limit, too.
void log_readers(ReaderLimits& limits, const Log& log) {
  if (!limits.is_any() || !log.is_on()) return;
  limits.callback = [log, then = std::move(limits.callback)](const ReaderInfo& reader) {
    log.tell({.event = reader.is_ousted ? LogEvent::reader_ousted : LogEvent::reader_slow,
              .path = {},
              .txn = reader.txn,
              .detail = describe(reader),
              .cause = {}});
    if (then) then(reader);
  };
}

}  // namespace

Result<OpenParts> open_parts(const std::string& path, const Options& options) {
  FileSystem& files = options.file_system != nullptr ? *options.file_system : posix_file_system();
  Result<OpenedFile> opened = open_or_create(files, path, options);
  if (!opened) return fail(opened);
  const Result<Bytes> map = opened->file->map(options.map_reserve);
  if (!map) return fail(map);
  const Presence presence = opened->presence;
  const bool is_new = opened->is_new;
  OpenParts none{path,
                 options,
                 files,
                 nullptr,
                 {.meta = {}, .slots = {}, .space = Space(no_page), .log_chain = {}},
                 nullptr,
                 Log(options.log, path)};
  Result<OpenParts> parts = presence == Presence::joined
                                ? join(*std::move(opened), *map, std::move(none))
                                : begin(*std::move(opened), *map, std::move(none));
  if (!parts || parts->has_redo) return parts;
  if (Status admitted = admit_others(parts->data->file(), presence); !admitted)
    return fail(admitted);
  parts->options.page_size = parts->data->page_size();
  parts->options.file_system = &files;
  log_readers(parts->options.reader_limits, parts->log);
  log_opening(*parts, is_new);
  return parts;
}

}  // namespace quire
