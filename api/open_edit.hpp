// OpenEdit: an open write transaction, and what all that was handed out of it knows of it.
//
// Invariant: what was done in a nested transaction is part of the one around it only when it was
// committed. So nothing is committed over one that is open, and one that cannot be rolled back
// takes the whole transaction with it.
//
// Invariant: while other threads may read it, nothing changes. Who reads holds it; only who holds
// it, or its own thread, lets another one do so. So its own thread, when it finds itself alone, is.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/recreate.hpp"
#include "quire/engine/base/make_room.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

namespace detail {

template <class WriteTransaction>
struct SavepointOf {
  struct Savepoint {};  ///< of a backend without any
};
template <class WriteTransaction>
  requires requires(WriteTransaction& txn) { txn.savepoint(); }
struct SavepointOf<WriteTransaction> {
  using Savepoint = typename decltype(std::declval<WriteTransaction&>().savepoint())::value_type;
};

}  // namespace detail

/// What editors, ranges and nested transactions share of their transaction, so that they find an
/// ended one instead of nothing. For the transaction's thread, but for what it says of others.
template <Backend Place>
class OpenEdit {
  using WriteTransaction = typename Place::WriteTransaction;

 public:
  using Savepoint = typename detail::SavepointOf<WriteTransaction>::Savepoint;

  OpenEdit(typename Place::Database database, WriteTransaction begun,
           Recreate recreate = Recreate::never)
      : database_(std::move(database)), txn_(std::move(begun)), recreate_(recreate) {}

  [[nodiscard]] const typename Place::Database& database() const { return database_; }
  /// What the storage says of tables that are there already.
  [[nodiscard]] Recreate recreate() const { return recreate_; }
  [[nodiscard]] bool has_ended() const { return has_ended_.load(std::memory_order_acquire); }
  /// Whether somebody holds it.
  [[nodiscard]] bool is_held() const { return holders_.load(std::memory_order_acquire) != 1; }
  /// How many edits there were: what a cursor shows is good as long as this stays.
  [[nodiscard]] std::uint64_t edit_count() const { return edit_count_; }
  /// The same for as long as nothing is edited and no savepoint is taken.
  using Moment = std::pair<std::uint64_t, std::uint64_t>;
  [[nodiscard]] Moment moment() const { return {edit_count_, savepoint_count_}; }

  /// The transaction, to be read. closed: it has ended. Also for who holds it.
  Result<WriteTransaction*> get() {
    if (has_ended()) return fail(ended());
    return &*txn_;
  }
  /// The same, to be changed, though not in what it shows. invalid_argument, and nothing happens:
  /// somebody holds it.
  Result<WriteTransaction*> get_alone() {
    auto txn = get();
    if (txn && is_held()) [[unlikely]]
      return fail(held());
    return txn;
  }
  /// The same for all changes.
  Result<WriteTransaction*> edit() {
    auto txn = get_alone();
    if (txn) ++edit_count_;
    return txn;
  }

  /// The transaction, taken out to be committed; all that was read from it finds it ended.
  /// invalid_argument, and it stays: a nested one is open, or somebody holds it.
  Result<WriteTransaction> take() {
    if (auto txn = get_alone(); !txn) return fail(txn);
    if (!nested_.empty()) return fail(has_open_one());
    has_ended_.store(true, std::memory_order_release);
    return *std::exchange(txn_, std::nullopt);
  }
  /// Ends it without a commit, once nobody holds it.
  void abandon() noexcept {
    if (!has_ended_.exchange(true, std::memory_order_acq_rel)) let_go();
  }

  /// From its own thread, or one that holds it: it is held once more, for another one.
  void hold() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
  /// From any thread.
  void let_go() noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) txn_.reset();
  }

  static Error ended() { return Error(ErrorCode::closed).with_detail("the transaction has ended"); }

  static Error held() {
    return Error(ErrorCode::invalid_argument)
        .with_detail(
            "parts of a range that was split are there, which other threads may be "
            "reading: let them go first");
  }

  // Savepoints, and the transactions that are nested

  Result<Savepoint> savepoint() {
    auto txn = get_alone();
    if (!txn) return fail(txn);
    ++savepoint_count_;
    return (*txn)->savepoint();
  }
  Status rollback_to(const Savepoint& savepoint) {
    auto txn = edit();
    if (!txn) return fail(txn);
    Status done = (*txn)->rollback_to(savepoint);
    if (done) std::erase_if(nested_, [&](const auto& each) { return each.is_inside(savepoint); });
    return done;
  }
  Status release(const Savepoint& savepoint) {
    auto txn = get_alone();
    if (!txn) return fail(txn);
    if (!nested_.empty() && nested_.back().is_inside(savepoint)) return fail(has_open_one());
    return (*txn)->release(savepoint);
  }

  /// Begins a nested transaction, which is known by this savepoint.
  Result<Savepoint> nest() {
    make_room(nested_, 1);
    auto begun = savepoint();
    if (begun) nested_.push_back(*begun);
    return begun;
  }
  /// Makes what was done in it a part of what it is nested in.
  Status commit_nested(const Savepoint& begun) {
    if (auto txn = get(); !txn) return fail(txn);
    if (!is_open(begun))
      return fail(Error(ErrorCode::closed).with_detail("the nested transaction has ended"));
    Status released = release(begun);
    if (released) nested_.pop_back();
    return released;
  }
  /// Undoes what was done in it, those nested in it included; nothing when it has ended.
  void abandon_nested(const Savepoint& begun) noexcept {
    const auto first = std::ranges::find(nested_, begun);
    if (first == nested_.end()) return;
    auto txn = edit();
    if (!txn || !(*txn)->undo(begun)) return abandon();
    nested_.erase(first, nested_.end());
  }

 private:
  [[nodiscard]] bool is_open(const Savepoint& begun) const {
    return std::ranges::find(nested_, begun) != nested_.end();
  }
  static Error has_open_one() {
    return Error(ErrorCode::invalid_argument)
        .with_detail(
            "a transaction that is nested in it is open: commit or abandon that one first");
  }

  typename Place::Database database_;
  std::optional<WriteTransaction> txn_;
  const Recreate recreate_;
  std::atomic<bool> has_ended_{false};
  std::atomic<std::uint32_t> holders_{1};  ///< until it ends it holds itself
  std::uint64_t edit_count_ = 0;
  std::uint64_t savepoint_count_ = 0;
  std::vector<Savepoint> nested_;  ///< those that are open, each inside the one before
};

}  // namespace quire
