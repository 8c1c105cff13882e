// NestedTransaction: a part of a transaction that stays as a whole, or goes.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/api/open_edit.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// What a transaction does from here on, through whatever handle: StorageTransaction::nested begins
/// it. Destroyed without commit, as by an exception, it takes all of that back, tables made or
/// dropped included, and what a failed call has left, so that the transaction can be used again.
///
/// Those that are begun later are nested in those that are open. They end before them: the commit
/// of one with another open inside is refused with invalid_argument, and nothing happens; so is the
/// commit of the whole transaction. Where one is abandoned, or the transaction is, or it goes back
/// to an older savepoint, those inside are abandoned with it. Savepoints taken inside are gone at
/// its end. If there is no memory for going back, the whole transaction is abandoned.
///
/// One that has ended, or was moved from, gives closed. It costs what a savepoint does. Not
/// thread-safe; it belongs to the thread of its transaction.
template <Backend Place>
class [[nodiscard]] BasicNestedTransaction {
  using Savepoint = typename OpenEdit<Place>::Savepoint;

 public:
  /// For StorageTransaction.
  BasicNestedTransaction(std::shared_ptr<OpenEdit<Place>> open, Savepoint begun)
      : open_(std::move(open)), begun_(std::move(begun)) {}
  BasicNestedTransaction(BasicNestedTransaction&&) noexcept = default;
  BasicNestedTransaction& operator=(BasicNestedTransaction&& other) noexcept {
    if (this == &other) return *this;
    end();
    open_ = std::move(other.open_);
    begun_ = std::move(other.begun_);
    return *this;
  }
  ~BasicNestedTransaction() { end(); }

  /// Makes it part of what it is nested in, and ends it. transaction_broken: a call in it has
  /// failed, and abandoning is left. Where this fails, it goes on.
  Status commit() && {
    if (!open_) return fail(OpenEdit<Place>::ended());
    Status committed = open_->commit_nested(begun_);
    if (committed) open_.reset();
    return committed;
  }

  /// Nothing is committed twice, so one that stays is refused by the compiler.
  template <class Never = Place>
  Status commit() const& {
    static_assert(!std::same_as<Never, Place>,
                  "a commit consumes its transaction: std::move(txn).commit()");
    return fail(ErrorCode::closed);
  }

  /// Takes back what was done in it, and ends it.
  void abandon() && { end(); }

 private:
  void end() noexcept {
    if (const auto open = std::exchange(open_, nullptr)) open->abandon_nested(begun_);
  }

  std::shared_ptr<OpenEdit<Place>> open_;  ///< null: it has ended here
  Savepoint begun_;
};

using NestedTransaction = BasicNestedTransaction<backend::Native>;

}  // namespace quire
