#include "quire/engine/txn/core.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <thread>

#include "quire/engine/base/attempt.hpp"
#include "quire/engine/tree/lookup.hpp"
#include "quire/engine/txn/catalog.hpp"
#include "quire/engine/txn/meta.hpp"
#include "quire/engine/txn/open_transaction.hpp"
#include "quire/engine/txn/redo_replay.hpp"

namespace quire {
namespace {

/// How long who has something to do in passing waits for the writer's place, before he looks up.
constexpr std::chrono::milliseconds patience{20};

/// What is found takes the pin.
Result<std::optional<PinnedValue>> get_in(const TreeRoot& root, const Pages& pages, Pin& pin,
                                          const Bytes& key) {
  const Result<std::optional<Value>> value = lookup(pages, root, key);
  if (!value) return fail(value);
  Result<std::optional<PinnedValue>> found;
  if (*value) found->emplace(std::move(pin), **value);
  return found;
}

using SlotBytes = std::array<std::byte, layout::meta_slot_size>;

/// Of bytes that may be written meanwhile: the checksum tells whether they were. One by one, as a
/// copy by the library would be looked at by the thread sanitizer.
[[gnu::noinline, gnu::no_sanitize_thread]] SlotBytes copy_racing(
    std::span<const std::byte, layout::meta_slot_size> bytes) {
  SlotBytes copy;
  for (std::size_t at = 0; at < copy.size(); ++at) {
    const volatile std::byte& byte = bytes[at];
    copy[at] = byte;
  }
  return copy;
}

}  // namespace

Status Core::check_options(const Options& options) {
  const auto complain = [](const char* what) {
    return fail(Error(ErrorCode::invalid_argument).with_detail(what));
  };
  if (!std::has_single_bit(options.page_size) || options.page_size < layout::min_page_size ||
      options.page_size > layout::max_page_size)
    return complain("page_size must be a power of two from 4096 to 65536");
  if (options.reader_slots == 0) return complain("reader_slots must not be 0");
  if (options.map_reserve < layout::meta_area_size) return complain("map_reserve is too small");
  constexpr std::uint64_t most_redo = std::uint64_t{1} << 30;
  if (options.redo_log_size > most_redo) return complain("redo_log_size is 1 GiB at most");
  constexpr std::chrono::hours longest_interval{24 * 365};
  const std::chrono::milliseconds interval = options.background_sync.interval;
  if (interval < std::chrono::milliseconds::zero() || interval > longest_interval)
    return complain("a background sync's interval must be from 0 (never) to a year");
  return {};
}

Result<std::shared_ptr<Core>> Core::open(const std::string& path, const Options& options) {
  {
    Result<OpenParts> parts = open_parts(path, options);
    if (!parts) return fail(parts);
    if (!parts->has_redo) return open(*std::move(parts));
    // Who comes meanwhile waits for the lock of the opening, which stays.
    parts->data->file().unlock(LockPlace::presence);
    if (Status home = bring_home(path, options); !home) return fail(home);
  }
  return open(path, options);
}

/// Only one who has the file for himself can keep in memory what the redo log says, and write it.
Status Core::bring_home(const std::string& path, const Options& options) {
  Options alone = options;
  alone.sharing = Sharing::exclusive;
  alone.redo_log_size = 0;
  const Result<std::shared_ptr<Core>> core = open(path, alone);
  return core ? (*core)->close() : fail(core);
}

Result<std::shared_ptr<Core>> Core::open(OpenParts parts) {
  const RedoReader redo(parts.data->map(), parts.recovered.meta, parts.options.rules);
  std::shared_ptr<Core> core(new Core(std::move(parts)));
  const Result<std::uint64_t> done = replay(*core, redo);
  if (!done) return fail(done);
  if (*done != 0)
    core->log().tell({.event = LogEvent::recovered,
                      .path = {},
                      .txn = core->publication().published(),
                      .detail = std::to_string(*done) + " commits of the redo log done again",
                      .cause = {}});
  return core;
}

Core::Core(OpenParts parts)
    : path_(std::move(parts.path)),
      options_(parts.options),
      log_(std::move(parts.log)),
      file_id_(parts.recovered.meta.file_id),
      data_(std::move(parts.data)),
      data_file_(*data_),
      readers_(*parts.readers.release()),
      publication_(readers_.block()),
      sync_(std::make_shared<GroupSync>(
          data_->file(), publication_, options_, log_, rescue(),
          [this] { return in_passing([this] { return write_out(); }); })),
      background_(*sync_),
      writer_({parts.files, *data_, publication_, *sync_, readers_, options_, log_, path_},
              std::move(parts.recovered)) {
  if (is_shared())
    gate_.share(data_->file(),
                {[this] { return writer_.begin_turn(); }, [this] { writer_.end_turn(); }});
  // What killed processes left is synced in time, as what is committed here will be.
  const bool is_left = parts.recovered.inherited && !parts.recovered.inherited->is_synced();
  if (is_left && options_.background_sync.is_on() && background_.start()) sync_->expect_sync();
  watch_forks();
}

void Core::in_child() noexcept {
  is_forked_ = true;
  is_closed_ = true;
  sync_->forget();
}

Core::~Core() {
  ignore_forks();
  // What goes wrong here cannot be said; close() says it, and the next opening recovers. No
  // transaction is open: it would keep this. So nobody is inside for long.
  static_cast<void>(close_for(Listener::nobody));
  readers_.abandon();
}

/// Work in the writer's place by somebody who does not wait for a writer that takes his time: busy.
template <class Work>
Status Core::in_passing(const Work& work) {
  if (Status entered = gate_.enter_in_passing(patience); !entered) return entered;
  const WriterPlace place(this);
  return work();
}

std::optional<SyncRescue> Core::rescue() {
  if (!is_shared()) return std::nullopt;
  const auto take_over = [this] {
    Status entered = in_passing([] { return Status(); });
    const bool is_inside = !entered && entered.error().code() == ErrorCode::wrong_thread;
    return is_inside ? sync_->settle() : entered;
  };
  return SyncRescue{[this] { return writer_.write_unsynced_again(); }, take_over};
}

/// What is published now; most threads stand there already.
Status Core::pin_anew(PinnedState& pinned) {
  Result<PinnedState> anew = readers_.pin_anew(publication_);
  if (!anew) return fail(anew);
  pinned = *std::move(anew);
  return {};
}

Result<Snapshot> Core::snapshot() {
  // A slot that still has pins would take more of them.
  if (is_closed_.load(std::memory_order_acquire)) [[unlikely]]
    return fail(ErrorCode::closed);
  PinnedState pinned = readers_.pin_again(publication_);
  if (!pinned.pin.holds()) [[unlikely]]
    if (Status done = pin_anew(pinned); !done) return fail(done);
  // In its place, so that nothing is moved.
  Result<Snapshot> made(std::in_place, std::move(pinned.pin), *pinned.state, pages(*pinned.state));
  return made;
}

Result<std::optional<PinnedValue>> Core::get(TableId id, const std::string_view& name,
                                             const Bytes& key) {
  if (is_closed_.load(std::memory_order_acquire)) [[unlikely]]
    return fail(ErrorCode::closed);
  PinnedState pinned = readers_.pin_again(publication_);
  if (!pinned.pin.holds()) [[unlikely]]
    if (Status done = pin_anew(pinned); !done) return fail(done);
  if (const TreeRoot* const root = pinned.state->near_root(id)) [[likely]]
    return get_in(*root, pages(*pinned.state), pinned.pin, key);
  return get_from_catalog(pinned, id, name, key);
}

Result<std::optional<PinnedValue>> Core::get_from_catalog(PinnedState& pinned, TableId id,
                                                          std::string_view name,
                                                          const Bytes& key) const {
  const Pages pages = this->pages(*pinned.state);
  const Result<std::optional<TreeRoot>> root = find_root(pages, *pinned.state, id, name);
  if (!root) return fail(root);
  if (!*root) return fail(Error(ErrorCode::table_missing).with_detail(std::string(name)));
  return get_in(**root, pages, pinned.pin, key);
}

Status Core::check_writable() const {
  if (is_closed_) return fail(ErrorCode::closed);
  if (options_.access == Access::read_only) return fail(ErrorCode::read_only);
  return sync_->check_healthy();
}

Status Core::finish(const GroupSync::Named& named) {
  if (Status done = sync_->finish(named); !done) return done;
  return leave_to_background(named);
}

Status Core::leave_to_background(const GroupSync::Named& named) {
  if (!options_.background_sync.is_on()) return {};
  const Result<bool> is_durable = sync_->is_durable(named);
  if (!is_durable || *is_durable) return {};
  // Where no thread can be had, the commit waits for what it would have done.
  return background_.start() ? Status{} : ticket(named).wait();
}

Status Core::sync() {
  if (Status entered = gate_.enter(); !entered) return entered;
  const WriterPlace place(this);
  if (Status writable = check_writable(); !writable) return writable;
  // Records are enough.
  if (!sync_->is_noted()) {
    if (Status written = write_out(); !written) return written;
  }
  return sync_->is_recorded() ? Status() : writer_.make_durable();
}

/// For the one inside the gate. Published when it is done: what was durable already is not shown in
/// pages that are not.
Status Core::write_out() {
  if (!writer_.has_resident() || options_.access == Access::read_only) return {};
  const bool has_durable = sync_->newest_recorded() > publication_.durable();
  OpenTransaction all(*this, has_durable ? Durability::full : Durability::buffered);
  const Result<NamedCommit> written = all.write_out();
  return written ? sync_->finish(written->named, GroupSync::Place::inside) : fail(written);
}

/// The end of the last one who writes.
Status Core::close_writer() {
  const Status shortened = attempt([this] { return shorten_log(); });
  const Status closed = writer_.close();
  return shortened ? closed : shortened;
}

/// A commit of a checkpoint, where that spares the next opening more. Nothing is lost without it;
/// but a file that fails is told of, unless it is only full.
Status Core::shorten_log() {
  if (!writer_.is_touched() || !writer_.is_log_long() || !sync_->check_healthy()) return {};
  // What was committed before must not be said to be rolled back when the sync fails.
  if (Status synced = writer_.make_durable(); !synced) return synced;
  OpenTransaction checkpoint(*this, Durability::full);
  const Result<NamedCommit> written = checkpoint.write_out();
  return written || is_out_of_space(written.error().code()) ? Status() : fail(written);
}

Result<Snapshot> Core::written_snapshot() {
  Result<Snapshot> now = snapshot();
  if (!now || now->state().is_in_file()) return now;
  if (options_.access == Access::read_only)
    return fail(Error(ErrorCode::read_only)
                    .with_detail("its newest commits are in the redo log only; open the file for "
                                 "writing once, which brings them home"));
  if (Status entered = gate_.enter(); !entered) return fail(entered);
  const WriterPlace place(this);
  // What is shown may be in memory still when a commit has taken it along that waits for its sync.
  const Status written = writer_.has_resident()
                             ? write_out()
                             : sync_->finish(sync_->named(), GroupSync::Place::inside);
  if (!written) return fail(written);
  return snapshot();
}

std::uint32_t Core::format_version() const {
  const std::uint64_t offset = slot_offset(Publication::slot_of(publication_.durable_word()));
  const SlotBytes slot =
      copy_racing(data_file_.map().subspan(offset).first<layout::meta_slot_size>());
  return overlay<layout::MetaSlot>(slot.data())->format_version;
}

/// Copies what a slot that names this state says of the space; of several each says the same.
/// False: none names it.
bool Core::find_slot(TxnId txn, SlotAccounts& accounts) const {
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
    const SlotBytes bytes =
        copy_racing(data_file_.map().subspan(slot_offset(slot)).first<layout::meta_slot_size>());
    Result<std::optional<Meta>> meta = decode_meta(bytes);
    const bool is_of_state = meta && *meta && (*meta)->state.txn == txn;
    if (is_of_state) accounts = {std::move((*meta)->log_tail), (*meta)->redo.pages};
    if (is_of_state) return true;
  }
  return false;
}

/// A state's slots are written again when others were named after it, be it before these are shown.
/// Then who may write waits for the newest, whose slot stays until he leaves the gate; who may not
/// takes others until he comes in time. Where slots are damaged there is nothing to say, which the
/// check will notice.
Result<Snapshot> Core::written_snapshot(SlotAccounts& accounts) {
  constexpr std::chrono::milliseconds pause{1};
  Result<Snapshot> newest = written_snapshot();
  for (int looks_left = 1000; newest && !find_slot(newest->txn(), accounts); --looks_left) {
    if (options_.access == Access::read_write) return shown_snapshot(accounts);
    if (looks_left == 0) break;
    std::this_thread::sleep_for(pause);
    newest = snapshot();
  }
  return newest;
}

/// Of the newest written state.
Result<Snapshot> Core::shown_snapshot(SlotAccounts& accounts) {
  if (Status entered = gate_.enter(); !entered) return fail(entered);
  const WriterPlace place(this);
  const Status shown = sync_->finish(sync_->named(), GroupSync::Place::inside);
  if (!shown) return fail(shown);
  Result<Snapshot> newest = snapshot();
  if (newest) static_cast<void>(find_slot(newest->txn(), accounts));
  return newest;
}

Status Core::close() { return close_for(Listener::caller); }

/// The writer's place for who ends something: he waits for no transaction.
Status Core::enter_to_end() {
  Status entered = gate_.enter_here_after_passing();
  if (entered || entered.error().code() == ErrorCode::closed) return entered;
  return fail(Error(ErrorCode::busy).with_detail("a write transaction is open"));
}

Status Core::wait_for_newest() {
  GroupSync::Named newest = sync_->named();
  if (!sync_->is_noted()) {
    Status entered = enter_to_end();
    if (!entered && entered.error().code() != ErrorCode::closed) return entered;
    if (entered) {
      const WriterPlace place(this);
      if (Status written = write_out(); !written) return written;
      newest = sync_->named();
    }
  }
  return ticket(newest).wait();
}

Status Core::close_for(Listener listener) {
  if (is_closed_) return {};
  const bool is_writing = options_.access == Access::read_write;
  // Others go on with the file: what was committed here does not wait for the last of them.
  Status synced;
  if (is_shared() && is_writing) synced = wait_for_newest();
  const bool is_heard = listener == Listener::caller;
  const Status entered = is_heard ? enter_to_end() : gate_.enter_here();
  if (!entered) return entered.error().code() == ErrorCode::closed ? Status() : entered;
  WriterPlace place(this);
  // The end of everything goes on where there is no memory for this.
  Status written = is_heard ? write_out() : attempt([this] { return write_out(); });
  // While somebody can hear of it, what cannot be written is not thrown away.
  if (!written && is_heard && sync_->check_healthy()) return written;
  [[maybe_unused]] const Core* const kept = place.release();  // for good
  if (synced) synced = written;
  is_closed_ = true;
  sync_->begin_close();
  background_.stop();
  Status done = is_shared() ? close_shared_file() : close_file();
  gate_.close();
  if (done) done = synced;
  log_.tell({.event = done ? LogEvent::closed : LogEvent::close_failed,
             .path = {},
             .txn = {},
             .detail = {},
             .cause = done ? std::nullopt : std::optional(done.error())});
  return done;
}

Status Core::close_file() {
  Status done;
  if (options_.access == Access::read_write) done = close_writer();
  sync_->close();
  readers_.retire(std::move(data_));
  return done;
}

/// The last process leaves the file as a clean close does. Nobody comes meanwhile.
Status Core::close_shared_file() {
  const std::shared_ptr<DataFile> data = std::move(data_);  // closed last, with all its locks
  File& file = data->file();
  bool is_last = false;
  Status done;
  if (options_.access == Access::read_write) {
    done = file.lock(LockPlace::opening, LockKind::exclusive, LockWait::yes);
    is_last = done && file.lock(LockPlace::presence, LockKind::exclusive, LockWait::no);
  }
  if (is_last) {
    done = attempt([this] { return writer_.begin_turn(); });
    if (done) {
      done = close_writer();
      writer_.end_turn();
    }
  }
  sync_->close();
  const bool is_gone = readers_.retire(data);
  if (is_last && is_gone) readers_.lock_file()->remove();
  if (is_gone) return done;
  if (is_last) static_cast<void>(file.lock(LockPlace::presence, LockKind::shared, LockWait::no));
  file.unlock(LockPlace::opening);
  return done;
}

}  // namespace quire
