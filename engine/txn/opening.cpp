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
/// destroyed is there until its file is free.
struct OpenCores {
  struct Entry {
    std::weak_ptr<Core> core;
    const Core* address;
  };
  std::mutex mutex;
  std::condition_variable gone;
  std::map<Identity, Entry> cores;
};

/// Never destroyed: databases may be closed while the program ends.
OpenCores& open_cores() {
  static OpenCores& cores = *new OpenCores;
  return cores;
}

void forget(const Identity& identity, const Core* address) {
  OpenCores& all = open_cores();
  const std::scoped_lock lock(all.mutex);
  const auto entry = all.cores.find(identity);
  if (entry != all.cores.end() && entry->second.address == address) all.cores.erase(entry);
  all.gone.notify_all();
}

/// Lists the core for as long as it lives. Under the mutex.
std::shared_ptr<Core> listed(std::shared_ptr<Core> core) {
  const Identity identity = core->data().file->identity();
  Core* const address = core.get();
  std::shared_ptr<Core> shown(address, [core = std::move(core), identity](Core* last) mutable {
    core.reset();
    forget(identity, last);
  });
  open_cores().cores.insert_or_assign(identity, OpenCores::Entry{shown, address});
  return shown;
}

/// The core that has this file open; waits for one that is going. Under the mutex.
std::shared_ptr<Core> find(std::unique_lock<std::mutex>& lock, const Identity& identity) {
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
  } else {
    Result<std::shared_ptr<Core>> opened = Core::open(path, options);
    if (!opened) return fail(opened);
    core = listed(*std::move(opened));
  }
  return std::make_shared<Opening>(core, options, true);
}

}  // namespace

Result<std::shared_ptr<Opening>> Opening::open(const std::string& path, const Options& options) {
  if (options.file_system == nullptr) return open_shared(path, options);
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

Opening::~Opening() {
  if (!is_closed()) core_->drop_opening();
}

Status Opening::close() {
  if (is_closed()) return {};
  if (!is_shared_) return close_core();
  // Not under the lock: others may open and close files while this one is synced.
  if (options_.access == Access::read_write) {
    if (Status synced = core_->wait_for_newest(); !synced) return synced;
  }
  const std::scoped_lock lock(open_cores().mutex);
  return close_core();
}

Status Opening::close_core() {
  Status done;
  if (core_->opening_count() == 1) {
    done = core_->close();
    if (!core_->is_closed()) return done;
  }
  if (!is_closed_.exchange(true)) core_->drop_opening();
  return done;
}

}  // namespace quire
