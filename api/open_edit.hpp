// OpenEdit: an open write transaction of a storage, shared by all that was handed out of it.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// An open write transaction and all that is read from it. What was handed out shares it, so that
/// it finds an ended transaction instead of nothing.
template <Backend Place>
struct OpenEdit {
  using WriteTransaction = typename Place::WriteTransaction;

  OpenEdit(typename Place::Database of, WriteTransaction begun)
      : database(std::move(of)), txn(std::move(begun)) {}

  typename Place::Database database;
  std::optional<WriteTransaction> txn;  ///< none: ended
  std::uint64_t edit_count = 0;
  std::uint64_t savepoint_count = 0;

  /// The same for as long as nothing is edited and no savepoint is taken.
  using Moment = std::pair<std::uint64_t, std::uint64_t>;
  [[nodiscard]] Moment moment() const { return {edit_count, savepoint_count}; }

  /// The transaction; closed when it has ended.
  Result<WriteTransaction*> get() {
    if (!txn) return fail(ended());
    return &*txn;
  }
  /// What was read from it finds it ended.
  std::optional<WriteTransaction> end() { return std::exchange(txn, std::nullopt); }
  static Error ended() { return Error(ErrorCode::closed).with_detail("the transaction has ended"); }
};

}  // namespace quire
