#include "quire/engine/txn/opening.hpp"

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "quire/engine/file/posix_file.hpp"

namespace quire {
namespace {

using Identity = std::array<std::uint64_t, 2>;

/// The cores of this process over files of the operating system, by file. A core that is being
/// destroyed is there until its file is free. What fails under the mutex may end a core there, and
/// that takes it again.
struct OpenCores {
  struct Entry {
    std::weak_ptr<Core> core;
    std::uint64_t number;  ///< of the listing
  };
  const std::int64_t process = posix_process_id();
  std::recursive_mutex mutex;
  std::condition_variable_any gone;
  std::map<Identity, Entry> cores;
  std::uint64_t listings = 0;
};

/// Never destroyed: databases may be closed while the program ends.
OpenCores& open_cores() {
  static OpenCores& cores = *new OpenCores;
  return cores;
}

void forget(const Identity& identity, std::uint64_t number) {
  OpenCores& all = open_cores();
  const std::scoped_lock lock(all.mutex);
  const auto entry = all.cores.find(identity);
  if (entry != all.cores.end() && entry->second.number == number) all.cores.erase(entry);
  all.gone.notify_all();
}

/// Lists the core for as long as it lives. Under the mutex.
std::shared_ptr<Core> listed(std::shared_ptr<Core> core) {
  const Identity identity = core->data().file->identity();
  Core* const address = core.get();
  const std::uint64_t number = ++open_cores().listings;
  std::shared_ptr<Core> shown(address, [core = std::move(core), identity, number](Core*) mutable {
    core.reset();
    forget(identity, number);
  });
  open_cores().cores.insert_or_assign(identity, OpenCores::Entry{shown, number});
  return shown;
}

/// The core that has this file open; waits for one that is going. Under the mutex.
std::shared_ptr<Core> find(std::unique_lock<std::recursive_mutex>& lock, const Identity& identity) {
  OpenCores& all = open_cores();
  std::shared_ptr<Core> core;
  all.gone.wait(lock, [&] {
    const auto entry = all.cores.find(identity);
    if (entry == all.cores.end()) return true;
    core = entry->second.core.lock();
    return core != nullptr;
  });
  return core;
}

/// What openings share must be what each of them asked for.
Status check_sharing(const Options& open, const Options& asked) {
  const auto differs = [](const char* what) {
    return fail(Error(ErrorCode::busy)
                    .with_detail(std::string("this process has it open with another ") + what));
  };
  if (open.access == Access::read_only && asked.access == Access::read_write)
    return differs("access, for reading only");
  if (open.verification != asked.verification) return differs("verification");
  if (open.background_sync != asked.background_sync) return differs("background sync");
  return {};
}

Result<std::shared_ptr<Opening>> open_shared(const std::string& path, const Options& options) {
  std::shared_ptr<Core> core;  // let go outside the lock, which its end takes
  std::shared_ptr<Core> closed;
  std::unique_lock lock(open_cores().mutex);
  if (const auto identity = posix_identity_at(path)) core = find(lock, *identity);
  if (core && core->is_closed()) closed = std::exchange(core, nullptr);
  if (core) {
    if (Status same = check_sharing(core->options(), options); !same) return fail(same);
    // Only an opening that finds the file closed recovers it.
    const bool is_writing = options.access == Access::read_write;
    if (Status sound = core->group().check_healthy(); !sound && is_writing) return fail(sound);
  } else {
    Result<std::shared_ptr<Core>> opened = Core::open(path, options);
    if (!opened) return fail(opened);
    core = listed(*std::move(opened));
  }
  return std::make_shared<Opening>(core, options, true);
}

}  // namespace

Result<std::shared_ptr<Opening>> Opening::open(const std::string& path, const Options& options) {
  if (Status sound = Core::check_options(options); !sound) return fail(sound);
  // A forked child shares nothing with its parent's engines: the file's lock tells it busy.
  const bool is_shared =
      options.file_system == nullptr && open_cores().process == posix_process_id();
  if (is_shared) return open_shared(path, options);
  Result<std::shared_ptr<Core>> core = Core::open(path, options);
  if (!core) return fail(core);
  return std::make_shared<Opening>(*std::move(core), options, false);
}

Opening::Opening(std::shared_ptr<Core> core, const Options& options, bool is_shared)
    : core_(std::move(core)), options_(core_->options()), is_shared_(is_shared) {
  options_.access = options.access;
  options_.durability = options.durability;
  core_->add_opening();
}

/// What goes wrong here cannot be said. A closed handle of another opening keeps nothing open.
Opening::~Opening() {
  std::unique_lock lock(open_cores().mutex, std::defer_lock);
  if (is_shared_) lock.lock();
  if (!is_closed()) static_cast<void>(close_core());
}

Status Opening::close() {
  if (is_closed()) return {};
  if (!is_shared_) return close_core();
  // Not under the lock: others may open and close files while this one is synced.
  Status synced;
  if (options_.access == Access::read_write) synced = core_->wait_for_newest();
  const std::scoped_lock lock(open_cores().mutex);
  Status closed = close_core();
  return closed ? synced : closed;
}

Status Opening::close_core() {
  if (is_closed()) return {};  // by another copy, just now; the count is that of others
  Status done;
  if (core_->opening_count() == 1) {
    done = core_->close();
    if (!core_->is_closed()) return done;
  }
  if (!is_closed_.exchange(true)) core_->drop_opening();
  return done;
}

}  // namespace quire
