#include "quire/engine/txn/opening.hpp"

#include <array>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "quire/engine/base/attempt.hpp"
#include "quire/engine/file/fork_watch.hpp"
#include "quire/engine/file/posix_file.hpp"

namespace quire {
namespace {

using Identity = std::array<std::uint64_t, 2>;

/// The cores of this process over files of the operating system, by file. One whose openings have
/// all ended is closed, and as good as not there.
struct OpenCores {
  std::mutex mutex;
  std::map<Identity, std::weak_ptr<Core>> cores;
  std::vector<std::shared_ptr<Core>> inherited;  ///< kept, since they cannot be ended
};

/// Never destroyed: databases may be closed while the program ends. A forked child shares nothing
/// with its parent's engines.
OpenCores& open_cores() {
  static auto& cores = *new PerProcess<OpenCores>;
  return cores.get();
}

/// The core that has this file open, if any. Under the mutex.
std::shared_ptr<Core> find(const std::string& path) {
  const auto identity = posix_identity_at(path);
  const auto entry = identity ? open_cores().cores.find(*identity) : open_cores().cores.end();
  std::shared_ptr<Core> core;
  if (entry != open_cores().cores.end()) core = entry->second.lock();
  return core && !core->is_closed() ? core : nullptr;
}

/// Under the mutex.
void list(const std::shared_ptr<Core>& core) {
  std::erase_if(open_cores().cores, [](const auto& entry) { return entry.second.expired(); });
  open_cores().cores.insert_or_assign(core->data().file().identity(), core);
}

/// What openings share must be what each of them asked for.
Status check_sharing(const Options& open, const Options& asked) {
  const auto differs = [](const char* what) {
    return fail(Error(ErrorCode::busy)
                    .with_detail(std::string("this process has it open with another ") + what));
  };
  if (open.access == Access::read_only && asked.access == Access::read_write)
    return differs("access, for reading only");
  if (open.sharing == Sharing::shared && asked.sharing == Sharing::exclusive)
    return differs("sharing, with other processes");
  if (open.verification != asked.verification) return differs("verification");
  if (open.background_sync != asked.background_sync) return differs("background sync");
  return {};
}

Result<std::shared_ptr<Opening>> open_shared(const std::string& path, const Options& options) {
  const std::scoped_lock lock(open_cores().mutex);
  std::shared_ptr<Core> core = find(path);
  if (core) {
    if (Status same = check_sharing(core->options(), options); !same) return fail(same);
    // Only an opening that finds the file closed recovers it.
    const bool is_writing = options.access == Access::read_write;
    if (Status sound = core->group().check_healthy(); !sound && is_writing) return fail(sound);
  } else {
    Result<std::shared_ptr<Core>> opened = Core::open(path, options);
    if (!opened) return fail(opened);
    core = *std::move(opened);
    list(core);
  }
  return std::make_shared<Opening>(std::move(core), options, true);
}

}  // namespace

Result<std::shared_ptr<Opening>> Opening::open(const std::string& path, const Options& options) {
  if (Status sound = Core::check_options(options); !sound) return fail(sound);
  if (options.file_system == nullptr) return open_shared(path, options);
  Result<std::shared_ptr<Core>> core = Core::open(path, options);
  if (!core) return fail(core);
  return std::make_shared<Opening>(*std::move(core), options, false);
}

Opening::Opening(std::shared_ptr<Core> core, const Options& options, bool is_shared)
    : core_(std::move(core)), options_(core_->options()), is_shared_(is_shared) {
  options_.access = options.access;
  options_.durability = options.durability;
  options_.progress = options.progress;
  core_->add_opening();
}

/// What goes wrong here cannot be said. A closed handle of another opening keeps nothing open.
Opening::~Opening() {
  if (core_->is_forked()) {
    const std::scoped_lock lock(open_cores().mutex);
    open_cores().inherited.push_back(std::move(core_));
    return;
  }
  std::unique_lock<std::mutex> lock;
  if (is_shared_) lock = std::unique_lock(open_cores().mutex);
  if (!is_closed()) static_cast<void>(attempt([this] { return close_core(); }));
  if (!is_closed()) core_->drop_opening();  // the core's own end closes it
}

Status Opening::close() {
  if (core_->is_forked()) return fail(ErrorCode::closed);
  if (is_closed()) return {};
  if (!is_shared_) return close_core();
  // Not under the lock: others may open and close files while this one is synced.
  Status synced;
  if (options_.access == Access::read_write) synced = core_->wait_for_newest();
  if (!synced && synced.error().code() == ErrorCode::busy) return synced;
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
