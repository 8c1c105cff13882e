#include "quire/engine/mvcc/reader_registry.hpp"

#include <algorithm>

namespace quire {
namespace {

/// What this thread destroys after its slots may still read.
thread_local bool has_left = false;
thread_local State late_state;

/// Registries that no database uses now. Never destroyed: pins may be dropped while the program
/// ends.
struct Pool {
  std::mutex mutex;
  std::vector<ReaderRegistry*> idle;
  std::uint64_t next_incarnation = 1;
};

Pool& pool() {
  static Pool* const pool = new Pool;
  return *pool;
}

}  // namespace

/// The slots that one thread owns, over all open databases.
class ThreadSlots {
 public:
  struct Entry {
    ReaderRegistry* registry;
    std::uint64_t incarnation;
    ReaderSlot* slot;
    State state;  ///< of the slot's txn
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

  Entry& add(ReaderRegistry& registry, ReaderSlot& slot) {
    std::erase_if(entries_, [](const auto& entry) {
      return entry->registry->incarnation() != entry->incarnation;
    });
    const std::uint64_t incarnation = registry.incarnation();
    entries_.push_back(std::make_unique<Entry>(Entry{&registry, incarnation, &slot, State{}}));
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
    publication.read(published, entry.state);
    const std::uint64_t wanted = SlotWord::make(Publication::txn_of(published), 1);
    // It fails when the writer revokes the soft pin or the registry is retired meanwhile.
    if (!entry.slot->word.compare_exchange_strong(word, wanted)) continue;
    const Publication::Word again = publication.published_word();
    if (again == published) return true;
    word = wanted;
    published = again;
  }
}

}  // namespace

ReaderRegistry::ReaderRegistry(std::uint32_t slot_count) : slots_(slot_count) {
  for (ReaderSlot& slot : slots_) {
    slot.registry = this;
    slot.is_retiring = &is_retiring_;
  }
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
  }
  registry->incarnation_.store(shared.next_incarnation++, std::memory_order_release);
  return *registry;
}

void ReaderRegistry::retire(std::shared_ptr<void> resources) {
  {
    const std::scoped_lock lock(mutex_);
    resources_ = std::move(resources);
    is_retiring_.store(true, std::memory_order_seq_cst);
  }
  finish_if_unused();
}

void ReaderRegistry::abandon() {
  {
    const std::scoped_lock lock(mutex_);
    is_abandoned_ = true;
    if (!is_finished_) return;  // the last pin will do it
  }
  give_to_pool();
}

/// Marks every slot without pins as retired; true when that is all of them.
bool ReaderRegistry::close_slots() {
  for (ReaderSlot& slot : slots_) {
    std::uint64_t word = slot.word.load(std::memory_order_seq_cst);
    while (SlotWord::count(word) == 0 &&
           !slot.word.compare_exchange_weak(word, SlotWord::retired)) {
    }
  }
  // A pin may have been shared into a slot that was passed before its source was released.
  return std::all_of(slots_.begin(), slots_.end(), [](const ReaderSlot& slot) {
    return slot.word.load(std::memory_order_seq_cst) == SlotWord::retired;
  });
}

void ReaderRegistry::finish_if_unused() {
  std::shared_ptr<void> resources;  // destroyed last, outside the lock
  bool is_last = false;
  {
    const std::scoped_lock lock(mutex_);
    const bool may_finish = is_retiring_.load(std::memory_order_seq_cst) && !is_finished_;
    if (!may_finish || !close_slots()) return;
    is_finished_ = true;
    is_last = is_abandoned_;
    resources = std::move(resources_);
  }
  if (is_last) give_to_pool();
}

void ReaderRegistry::give_to_pool() {
  {
    const std::scoped_lock lock(mutex_);
    incarnation_.store(0, std::memory_order_release);
    for (ReaderSlot& slot : slots_) {
      slot.word.store(0, std::memory_order_relaxed);
      slot.owner.store(ReaderSlot::Owner::none, std::memory_order_relaxed);
    }
    used_slots_.store(0, std::memory_order_seq_cst);
    is_finished_ = false;
    is_abandoned_ = false;
    is_retiring_.store(false, std::memory_order_seq_cst);
  }
  Pool& shared = pool();
  const std::scoped_lock lock(shared.mutex);
  shared.idle.push_back(this);
}

Result<ReaderSlot*> ReaderRegistry::claim(ReaderSlot::Owner owner) {
  for (std::uint32_t index = 0; index < slots_.size(); ++index) {
    auto expected = ReaderSlot::Owner::none;
    if (!slots_[index].owner.compare_exchange_strong(expected, owner)) continue;
    std::uint32_t used = used_slots_.load();
    while (used < index + 1 && !used_slots_.compare_exchange_weak(used, index + 1)) {
    }
    return &slots_[index];
  }
  return fail(ErrorCode::too_many_readers);
}

Result<ReaderRegistry::PinnedState> ReaderRegistry::pin(const Publication& publication) {
  if (has_left) [[unlikely]]
    return pin_late(publication);
  const TxnId published = publication.published();
  ThreadSlots::Entry* entry = thread_slots.find(
      *this, [&](const ThreadSlots::Entry& one) { return raise(*one.slot, published); });
  if (entry == nullptr) {
    entry =
        thread_slots.find(*this, [](const ThreadSlots::Entry& one) { return is_idle(*one.slot); });
    if (entry == nullptr) {
      const Result<ReaderSlot*> slot = claim(ReaderSlot::Owner::thread);
      if (!slot) return fail(slot);
      entry = &thread_slots.add(*this, **slot);
    }
    if (!set_to_published(*entry, publication)) return fail(ErrorCode::closed);
  }
  return PinnedState{Pin(*entry->slot), &entry->state};
}

/// For a thread that can own no slot any more: each pin has one to itself.
Result<ReaderRegistry::PinnedState> ReaderRegistry::pin_late(const Publication& publication) {
  const Result<ReaderSlot*> slot = claim(ReaderSlot::Owner::sharer);
  if (!slot) return fail(slot);
  ThreadSlots::Entry entry{this, incarnation(), *slot, State{}};
  const bool is_open = set_to_published(entry, publication);
  (*slot)->owner.store(ReaderSlot::Owner::orphan, std::memory_order_seq_cst);
  if (!is_open) return fail(ErrorCode::closed);
  late_state = entry.state;
  return PinnedState{Pin(**slot), &late_state};
}

void ReaderRegistry::collect(std::vector<TxnId>& pins) {
  const std::uint32_t used = used_slots_.load(std::memory_order_seq_cst);
  for (std::uint32_t index = 0; index < used; ++index) {
    ReaderSlot& slot = slots_[index];
    std::uint64_t word = slot.word.load(std::memory_order_seq_cst);
    const bool is_soft = word != 0 && SlotWord::count(word) == 0;
    if (is_soft && slot.word.compare_exchange_strong(word, 0)) continue;
    if (word != 0) pins.push_back(SlotWord::txn(word));
  }
}

std::uint64_t ReaderRegistry::pin_count() const {
  std::uint64_t count = 0;
  for (const ReaderSlot& slot : slots_)
    count += SlotWord::count(slot.word.load(std::memory_order_relaxed));
  return count;
}

void ReaderRegistry::leave(ReaderSlot& slot, std::uint64_t incarnation) {
  const std::scoped_lock lock(mutex_);
  if (this->incarnation() != incarnation) return;  // the slot is somebody else's by now
  slot.owner.store(ReaderSlot::Owner::orphan, std::memory_order_seq_cst);
  free_orphan(slot);
}

/// Needs the lock: whoever brought the count to 0 may come late, when the slot has a new owner and
/// new pins, or serves another database.
void ReaderRegistry::free_orphan(ReaderSlot& slot) {
  if (slot.owner.load(std::memory_order_seq_cst) != ReaderSlot::Owner::orphan) return;
  std::uint64_t word = slot.word.load(std::memory_order_seq_cst);
  while (word != SlotWord::retired && SlotWord::count(word) == 0) {
    if (!slot.word.compare_exchange_weak(word, 0)) continue;
    slot.owner.store(ReaderSlot::Owner::none, std::memory_order_seq_cst);
    return;
  }
}

void Pin::last_released(ReaderSlot& slot) noexcept {
  ReaderRegistry& registry = *slot.registry;
  {
    const std::scoped_lock lock(registry.mutex_);
    ReaderRegistry::free_orphan(slot);
  }
  if (registry.is_retiring_.load(std::memory_order_seq_cst)) registry.finish_if_unused();
}

Result<Pin> Pin::share() const {
  QUIRE_ASSERT(holds());
  const TxnId txn = this->txn();
  if (raise(*slot_, txn)) return Pin(*slot_);
  const Result<ReaderSlot*> other = slot_->registry->claim(ReaderSlot::Owner::sharer);
  if (!other) return fail(other);
  (*other)->word.store(SlotWord::make(txn, 1), std::memory_order_seq_cst);
  (*other)->owner.store(ReaderSlot::Owner::orphan, std::memory_order_seq_cst);
  return Pin(**other);
}

}  // namespace quire
