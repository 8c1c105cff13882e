#include "quire/engine/mvcc/reader_registry.hpp"

#include <algorithm>
#include <functional>
#include <new>

#include "quire/engine/base/overlay.hpp"
#include "quire/engine/file/posix_process.hpp"

namespace quire {
namespace {

/// What this thread destroys after its slots may still read.
thread_local bool has_left = false;

/// Registries that no database uses now. Never destroyed: pins may be dropped while the program
/// ends.
struct Pool {
  std::mutex mutex;
  std::vector<ReaderRegistry*> all;
  std::vector<ReaderRegistry*> idle;
  std::uint64_t next_incarnation = 1;
};

Pool& pool() {
  static auto& pools = *new PerProcess<Pool>;
  return pools.get();
}

}  // namespace

/// The slots that one thread owns, over all open databases.
class ThreadSlots {
 public:
  struct Entry {
    ReaderRegistry* registry;
    std::uint64_t incarnation;
    ReaderSlot* slot;
    State* state;  ///< of the slot's txn
  };

  ~ThreadSlots() {
    has_left = true;
    for (const auto& entry : entries_) entry->registry->leave(*entry->slot, entry->incarnation);
  }

  /// The thread's slots in this registry, newest use first; at most a few.
  template <class Visit>
  Entry* find(const ReaderRegistry& registry, Visit&& is_wanted) {
    const std::uint64_t incarnation = registry.incarnation();
    for (auto& entry : entries_) {
      if (entry->registry == &registry && entry->incarnation == incarnation && is_wanted(*entry))
        return entry.get();
    }
    return nullptr;
  }

  Entry& add(ReaderRegistry& registry, ReaderSlot& slot, State& state) {
    std::erase_if(entries_, [](const auto& entry) {
      return entry->registry->incarnation() != entry->incarnation;
    });
    const std::uint64_t incarnation = registry.incarnation();
    entries_.push_back(std::make_unique<Entry>(Entry{&registry, incarnation, &slot, &state}));
    return *entries_.back();
  }

 private:
  std::vector<std::unique_ptr<Entry>> entries_;
};

namespace {

thread_local ThreadSlots thread_slots;

/// Raises the count of a slot that already stands at the published state.
bool raise(ReaderSlot& slot, TxnId txn) {
  std::uint64_t word = slot.word.load(std::memory_order_relaxed);
  while (SlotWord::txn(word) == txn && SlotWord::count(word) < SlotWord::max_count) {
    if (slot.word.compare_exchange_weak(word, word + 1, std::memory_order_seq_cst)) return true;
  }
  return false;
}

bool is_idle(const ReaderSlot& slot) {
  return SlotWord::count(slot.word.load(std::memory_order_acquire)) == 0;
}

/// Sets an idle slot of this thread to the published state, with a count of one; false when the
/// registry is retired.
bool set_to_published(ThreadSlots::Entry& entry, const Publication& publication) {
  Publication::Word published = publication.published_word();
  std::uint64_t word = entry.slot->word.load(std::memory_order_relaxed);
  while (true) {
    if (word == SlotWord::retired) return false;
    publication.read(published, *entry.state);
    const std::uint64_t wanted = SlotWord::make(Publication::txn_of(published), 1);
    // It fails when the writer revokes the soft pin or the registry is retired meanwhile.
    if (!entry.slot->word.compare_exchange_strong(word, wanted)) continue;
    const Publication::Word again = publication.published_word();
    if (again == published) {
      entry.slot->since.store(posix_coarse_time(), std::memory_order_relaxed);
      return true;
    }
    word = wanted;
    published = again;
  }
}

}  // namespace

ReaderRegistry::ReaderRegistry(std::uint32_t slot_count)
    : memory_(ControlBlock::size_with(slot_count)),
      block_(shared_overlay<ControlBlock>(memory_.data())),
      slots_(slots_in(memory_.data(), slot_count)),
      states_(slot_count * sizeof(State)) {
  watch_forks();
}

/// Pins that the child inherits can be dropped there, and have no effect.
void ReaderRegistry::in_child() noexcept {
  incarnation_.store(0, std::memory_order_release);
  if (lock_file_) memory_.make_private();
  for (ReaderSlot& slot : used_slots()) slot.give_up();
}

/// Slots do not say where they belong: processes that share them have registries of their own.
/// None: they are those of the process that this one was forked from.
ReaderRegistry* ReaderRegistry::of(const ReaderSlot& slot) {
  Pool& shared = pool();
  const std::scoped_lock lock(shared.mutex);
  const auto found = std::find_if(shared.all.begin(), shared.all.end(), [&](auto* registry) {
    const std::span<ReaderSlot> slots = registry->slots_;
    return !std::less<>()(&slot, slots.data()) && std::less<>()(&slot, slots.data() + slots.size());
  });
  return found == shared.all.end() ? nullptr : *found;
}

ReaderRegistry& ReaderRegistry::acquire(std::uint32_t slot_count) {
  Pool& shared = pool();
  const std::scoped_lock lock(shared.mutex);
  const auto found =
      std::find_if(shared.idle.begin(), shared.idle.end(),
                   [&](const ReaderRegistry* idle) { return idle->slots_.size() == slot_count; });
  ReaderRegistry* registry = nullptr;
  if (found != shared.idle.end()) {
    registry = *found;
    shared.idle.erase(found);
  } else {
    registry = new ReaderRegistry(slot_count);
    shared.all.push_back(registry);
  }
  registry->incarnation_.store(shared.next_incarnation++, std::memory_order_release);
  return *registry;
}

Status ReaderRegistry::share(LockFile lock_file) {
  const ForkPause pause;
  if (Status shown = lock_file.show_in(memory_); !shown) return shown;
  lock_file_.emplace(std::move(lock_file));
  return {};
}

bool ReaderRegistry::retire(std::shared_ptr<void> resources) {
  {
    const std::scoped_lock lock(mutex_);
    resources_ = std::move(resources);
    is_retiring_.store(true);
    for (ReaderSlot& slot : used_slots())
      if (SlotOwner::is_of(slot.owner.load(), process())) slot.is_retiring.store(1);
  }
  return finish_if_unused();
}

void ReaderRegistry::abandon() {
  {
    const std::scoped_lock lock(mutex_);
    is_abandoned_ = true;
    if (!is_finished_) return;  // the last pin will do it
  }
  give_to_pool();
}

/// Marks every slot of this process without pins as retired; true when that is all of them.
bool ReaderRegistry::close_slots() {
  const auto is_mine = [&](const ReaderSlot& slot) {
    return SlotOwner::is_of(slot.owner.load(), process());
  };
  for (ReaderSlot& slot : used_slots()) {
    std::uint64_t word = slot.word.load();
    while (is_mine(slot) && SlotWord::count(word) == 0 &&
           !slot.word.compare_exchange_weak(word, SlotWord::retired)) {
    }
  }
  // A pin may have been shared into a slot that was passed before its source was released, or that
  // nobody had used.
  return std::ranges::all_of(used_slots(), [&](const ReaderSlot& slot) {
    return !is_mine(slot) || slot.word.load() == SlotWord::retired;
  });
}

bool ReaderRegistry::finish_if_unused() {
  std::shared_ptr<void> resources;  // destroyed last, outside the lock
  bool is_last = false;
  {
    const std::scoped_lock lock(mutex_);
    const bool may_finish = is_retiring_.load() && !is_finished_;
    if (!may_finish || !close_slots()) return false;
    is_finished_ = true;
    is_last = is_abandoned_;
    resources = std::move(resources_);
  }
  if (is_last) give_to_pool();
  return true;
}

/// Those that were ever claimed, and some more perhaps. The others are as they were made.
std::span<ReaderSlot> ReaderRegistry::used_slots() const { return used_slots_in(*block_, slots_); }

/// As it was made; the records of states may say anything.
void ReaderRegistry::clear_block() {
  if (lock_file_) {
    lock_file_->leave();
    memory_.clear();
    lock_file_.reset();
    return;
  }
  for (ReaderSlot& slot : used_slots()) new (&slot) ReaderSlot{};
  new (&block_->readers) PublishedLine{};
  new (&block_->writer) WriterLine{};
  new (&block_->sync) SyncLine{};
}

void ReaderRegistry::give_to_pool() {
  {
    const std::scoped_lock lock(mutex_);
    incarnation_.store(0, std::memory_order_release);
    clear_block();
    is_finished_ = false;
    is_abandoned_ = false;
    is_retiring_.store(false);
  }
  Pool& shared = pool();
  const std::scoped_lock lock(shared.mutex);
  shared.idle.push_back(this);
}

Result<ReaderSlot*> ReaderRegistry::claim(SlotOwner::Kind kind) {
  ReaderSlot* slot = find_free(kind);
  if (slot == nullptr && lock_file_) {
    lock_file_->clear_dead();
    slot = find_free(kind);
  }
  if (slot == nullptr) return fail(ErrorCode::too_many_readers);
  return slot;
}

void ReaderRegistry::raise_used_slots(std::uint32_t count) {
  SharedWord& highest = block_->writer.used_slots;
  std::uint64_t used = highest.load();
  while (used < count && !highest.compare_exchange_weak(used, count)) {
  }
}

/// One that is this process's from now on.
ReaderSlot* ReaderRegistry::find_free(SlotOwner::Kind kind) {
  for (std::uint32_t index = 0; index < slots_.size(); ++index) {
    ReaderSlot& slot = slots_[index];
    std::uint32_t expected = SlotOwner::nobody;
    if (slot.owner.load() != expected) continue;
    raise_used_slots(index + 1);  // first, for who looks while this process is killed here
    if (!slot.owner.compare_exchange_strong(expected, SlotOwner::make(process(), kind))) continue;
    // Either it is seen here that the registry retires, or this slot is seen there.
    if (is_retiring_.load()) slot.is_retiring.store(1);
    return &slot;
  }
  return nullptr;
}

/// Of a slot that was just claimed.
State& ReaderRegistry::make_state(const ReaderSlot& slot) {
  const auto index = static_cast<std::size_t>(&slot - slots_.data());
  return *new (states_.data() + index * sizeof(State)) State{};
}

/// A slot that is given back before it had a pin. What waited for it goes on.
void ReaderRegistry::unclaim(ReaderSlot& slot) {
  {
    const std::scoped_lock lock(mutex_);
    slot.owner.store(SlotOwner::make(process(), SlotOwner::Kind::orphan));
    free_orphan(slot);
  }
  finish_if_unused();
}

ReaderRegistry::PinnedState ReaderRegistry::pin_again(const Publication& publication) const {
  if (has_left) [[unlikely]]
    return {Pin(), nullptr};
  const TxnId published = publication.published();
  ThreadSlots::Entry* const entry = thread_slots.find(
      *this, [&](const ThreadSlots::Entry& one) { return raise(*one.slot, published); });
  if (entry == nullptr) return {Pin(), nullptr};
  return {Pin(*entry->slot), entry->state};
}

Result<ReaderRegistry::PinnedState> ReaderRegistry::pin(const Publication& publication) {
  PinnedState again = pin_again(publication);
  if (again.pin.holds()) return again;
  return pin_anew(publication);
}

Result<ReaderRegistry::PinnedState> ReaderRegistry::pin_anew(const Publication& publication) {
  if (has_left) [[unlikely]]
    return pin_late(publication);
  ThreadSlots::Entry* entry =
      thread_slots.find(*this, [](const ThreadSlots::Entry& one) { return is_idle(*one.slot); });
  if (entry == nullptr) {
    const Result<ReaderSlot*> slot = claim(SlotOwner::Kind::thread);
    if (!slot) return fail(slot);
    if (is_retiring_.load()) {
      unclaim(**slot);
      return fail(ErrorCode::closed);
    }
    entry = &thread_slots.add(*this, **slot, make_state(**slot));
  }
  if (!set_to_published(*entry, publication)) return fail(ErrorCode::closed);
  return PinnedState{Pin(*entry->slot), entry->state};
}

/// For a thread that can own no slot any more: each pin has one to itself.
Result<ReaderRegistry::PinnedState> ReaderRegistry::pin_late(const Publication& publication) {
  const Result<ReaderSlot*> slot = claim(SlotOwner::Kind::sharer);
  if (!slot) return fail(slot);
  ThreadSlots::Entry entry{this, incarnation(), *slot, &make_state(**slot)};
  if (is_retiring_.load() || !set_to_published(entry, publication)) {
    unclaim(**slot);
    return fail(ErrorCode::closed);
  }
  (*slot)->owner.store(SlotOwner::make(process(), SlotOwner::Kind::orphan));
  return PinnedState{Pin(**slot), entry.state};
}

void ReaderRegistry::collect(std::vector<TxnId>& pins) {
  for (ReaderSlot& slot : used_slots()) {
    std::uint64_t word = slot.word.load();
    if (word == 0 || word == SlotWord::retired) continue;
    const bool is_soft = SlotWord::count(word) == 0;
    if (is_soft && slot.word.compare_exchange_strong(word, 0)) continue;
    if (word != 0 && word != SlotWord::retired) pins.push_back(SlotWord::txn(word));
  }
}

ReaderView ReaderRegistry::view(TxnId published, std::uint32_t page_size) const {
  return {used_slots(), *block_, lock_file_ ? &*lock_file_ : nullptr, published, page_size};
}

std::uint64_t ReaderRegistry::pin_count() const {
  std::uint64_t count = 0;
  for (const ReaderSlot& slot : used_slots())
    count += SlotWord::count(slot.word.load(std::memory_order_relaxed));
  return count;
}

void ReaderRegistry::leave(ReaderSlot& slot, std::uint64_t incarnation) {
  if (this->incarnation() != incarnation) return;  // without the lock, which a child cannot have
  const std::scoped_lock lock(mutex_);
  if (this->incarnation() != incarnation) return;  // the slot is somebody else's by now
  slot.owner.store(SlotOwner::make(process(), SlotOwner::Kind::orphan));
  free_orphan(slot);
}

/// Needs the lock: whoever brought the count to 0 may come late, when the slot has a new owner and
/// new pins, or serves another database.
void ReaderRegistry::free_orphan(ReaderSlot& slot) const {
  if (slot.owner.load() != SlotOwner::make(process(), SlotOwner::Kind::orphan)) return;
  std::uint64_t word = slot.word.load();
  while (word != SlotWord::retired && SlotWord::count(word) == 0) {
    if (!slot.word.compare_exchange_weak(word, 0)) continue;
    slot.give_up();
    return;
  }
}

void Pin::last_released(ReaderSlot& slot) noexcept {
  ReaderRegistry* const registry = ReaderRegistry::of(slot);
  if (registry == nullptr) return;
  {
    const std::scoped_lock lock(registry->mutex_);
    registry->free_orphan(slot);
  }
  if (registry->is_retiring_.load()) registry->finish_if_unused();
}

void Pin::set_name(std::string_view name) const {
  if (!holds()) return;
  write_name(slot_->name, name);
  slot_->named.store(txn().value);
}

Result<Pin> Pin::share() const {
  const State* nobody_reads_it = nullptr;
  return share(nobody_reads_it);
}

Result<Pin> Pin::share(const State*& state) const {
  QUIRE_ASSERT(holds());
  if (is_ousted()) [[unlikely]]
    return fail(ErrorCode::snapshot_ousted);
  const TxnId txn = this->txn();
  if (raise(*slot_, txn)) return Pin(*slot_);
  ReaderRegistry* const registry = ReaderRegistry::of(*slot_);
  if (registry == nullptr) return fail(ErrorCode::closed);
  const Result<ReaderSlot*> other = registry->claim(SlotOwner::Kind::sharer);
  if (!other) return fail(other);
  if (state != nullptr) {
    State& copy = registry->make_state(**other);
    copy = *state;
    state = &copy;
  }
  (*other)->word.store(SlotWord::make(txn, 1));
  (*other)->owner.store(SlotOwner::make(registry->process(), SlotOwner::Kind::orphan));
  return Pin(**other);
}

}  // namespace quire
