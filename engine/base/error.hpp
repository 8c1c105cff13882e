// Errors: what happened, to what, and what to do.
//
// An Error is made where the world disappoints (the system, the file, the caller's arguments) and
// carries facts; its text is written when somebody asks. Absence is never an error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "quire/engine/base/ids.hpp"

namespace quire {

enum class ErrorCode : std::uint8_t {
  // The system
  io_failed,         ///< a read, write or sync failed; `system` holds the errno
  no_space,          ///< the disk or quota is full; nothing was changed
  file_missing,      ///< no file at that path (or no directory to create it in)
  permission,        ///< the system refuses access
  busy,              ///< somebody else holds the file or the writer's place
  unsupported_file,  ///< the file system cannot do what the engine needs
  // The file
  not_a_database,   ///< a file of another kind
  format_too_new,   ///< written by a later version
  feature_unknown,  ///< uses an incompatible feature that this version does not know
  corrupt,          ///< damage: a checksum, a range or an order does not hold
  // The caller
  invalid_argument,  ///< a value outside what the call accepts
  key_too_long,      ///< longer than max_key_size of the page size
  value_too_large,   ///< longer than a value may be
  read_only,         ///< opened for reading only
  table_missing,     ///< no table of that name
  table_exists,      ///< a table of that name is there already
  type_mismatch,     ///< the table was made with other key or value formats
  wrong_thread,      ///< a second write transaction on the thread that holds one
  // The state of the database
  poisoned,            ///< an earlier write of state failed: writers stop until it is reopened
  outcome_unknown,     ///< this commit may or may not be there after reopening
  transaction_broken,  ///< an earlier call of this transaction failed; abandon it, or roll it back
  too_many_readers,    ///< every reader slot is taken
  closed,              ///< the handle was closed, moved from or belongs to another process
  full,                ///< page numbers or transaction ids are used up
  snapshot_ousted,     ///< it kept its state longer, or more of the file, than a limit allows
  // The call
  cancelled,  ///< whoever asked did not want to wait any longer
  timed_out,  ///< the deadline that the caller had set has passed
};

/// The name of a code, as tools print it: "type_mismatch".
std::string_view name(ErrorCode code) noexcept;

/// Small, copyable, and cheap to make. Thread-safe to read.
class [[nodiscard]] Error {
 public:
  explicit Error(ErrorCode code) noexcept : code_(code) {}

  Error& with_system(int error_number) noexcept;  ///< an errno
  Error& with_page(PageNo page) noexcept;
  Error& with_table(TableId table) noexcept;
  Error& with_txn(TxnId txn) noexcept;
  Error& with_detail(std::string detail);  ///< one more sentence or name: a path, both schemas

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] int system() const noexcept { return system_; }
  [[nodiscard]] PageNo page() const noexcept { return page_; }
  [[nodiscard]] TableId table() const noexcept { return table_; }
  [[nodiscard]] TxnId txn() const noexcept { return txn_; }
  [[nodiscard]] std::string_view detail() const noexcept;

  /// One line for people: what happened, to what, and what to do about it.
  [[nodiscard]] std::string message() const;

 private:
  ErrorCode code_;
  int system_ = 0;
  PageNo page_;
  TableId table_;
  TxnId txn_;
  std::shared_ptr<const std::string> detail_;
};

}  // namespace quire
