// The native backend: this engine, over a file of the system or of memory.
#pragma once

#include <memory>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/storage_choices.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// Reads a committed state, which it pins.
class StateSource {
 public:
  using Keeper = Pin;
  static constexpr bool is_shared = true;

  /// Needs a pin on the snapshot's state.
  StateSource(Pin pin, const Snapshot& snapshot, const TreeRoot& root)
      : pin_(std::move(pin)), txn_(pin_.txn()), cursor_(snapshot.cursor(root)) {
    QUIRE_ASSERT(pin_.holds());
  }
  StateSource(Pin pin, const StateSource& other)
      : pin_(std::move(pin)),
        txn_(other.txn_),
        cursor_(other.cursor_.pages(), other.cursor_.root()) {}

  /// The entries of a tree of the snapshot. too_many_readers, snapshot_ousted.
  static Result<std::unique_ptr<StateSource>> open(const Snapshot& snapshot, const TreeRoot& root) {
    auto pin = snapshot.pin();
    if (!pin) return fail(pin);
    return std::make_unique<StateSource>(std::move(*pin), snapshot, root);
  }

  /// snapshot_ousted.
  [[nodiscard, gnu::always_inline]] Status check() const {
    if (pin_.is_ousted(txn_)) [[unlikely]]
      return ousted();
    return {};
  }
  Cursor& cursor() { return cursor_; }
  [[nodiscard]] Status check_value(Bytes value, const ValueCheck& check) const {
    return cursor_.check_value(value, check);
  }
  Result<Pin> keep(Bytes&, std::uint32_t) {
    auto pin = pin_.share();
    // Where there was no room for another, the next ones go where this one went.
    if (pin && !pin->is_beside(pin_)) [[unlikely]]
      std::swap(*pin, pin_);
    return pin;
  }
  /// Another one of the same state, for another thread. too_many_readers.
  [[nodiscard]] Result<std::unique_ptr<StateSource>> share() const {
    auto pin = pin_.share();
    if (!pin) return fail(pin);
    return std::make_unique<StateSource>(std::move(*pin), *this);
  }

 private:
  [[gnu::cold, gnu::noinline]] static Status ousted() { return fail(ErrorCode::snapshot_ousted); }

  Pin pin_;
  TxnId txn_;  ///< that it pins
  Cursor cursor_;
};
static_assert(SharedSource<StateSource>);

// What a storage is kept in: see StorageBuilder::with_backend.
namespace backend {

/// A file of the operating system. The default.
struct Native {
  using Place = Native;
  using Database = quire::Database;
  using Snapshot = quire::Snapshot;
  using WriteTransaction = quire::WriteTransaction;
  using Receipt = CommitReceipt;
  using Keeper = Pin;
  using Found = PinnedValue;
  using StateSource = quire::StateSource;
  static constexpr bool migrates_tables = true;
  static constexpr bool reserves_aligned = true;
  static constexpr bool shares_transactions = true;

  static Result<Database> open(const StorageChoices& choices);

  static void choose(StorageChoices& choices) { choices.file = ChosenFile::of_system; }
};
static_assert(quire::Backend<Native> && ReservesAligned<Native> && WritesInPieces<Native> &&
              LooksAhead<Native>);

/// Memory of this process: empty at first, of at most 64 GiB, and gone with the storage and the
/// last guard. The path is nothing but its name.
struct Memory {
  using Place = Native;
  static void choose(StorageChoices& choices) { choices.file = ChosenFile::in_memory; }
};

inline constexpr Native native{};
inline constexpr Memory memory{};

}  // namespace backend

}  // namespace quire
