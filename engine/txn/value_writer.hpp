// ValueWriter: a value that comes in pieces.
#pragma once

#include <cstdint>
#include <memory>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

struct ValueInPieces;

/// Writes a value of a size given beforehand to its place in the file while it comes, so that no
/// more of it than 256 KiB is ever in memory. The entry is in the table when finish() has returned,
/// and not before. WriteTransaction::put_in_pieces makes it. Not thread-safe.
///
/// Other calls on the transaction may come in between, savepoints included: rolling back to one
/// that was taken before this began ends it. When it goes unfinished, or the transaction ends
/// first, nothing is stored, and the pages that it took are free after the transaction.
class ValueWriter {
 public:
  /// For WriteTransaction.
  explicit ValueWriter(std::unique_ptr<ValueInPieces> value);
  ValueWriter(ValueWriter&&) noexcept;
  ValueWriter& operator=(ValueWriter&&) noexcept;
  ~ValueWriter();

  /// The bytes that come next; they are of no more use when it returns. invalid_argument, and
  /// nothing happened: they are more than the value has left. closed: it was finished, the
  /// transaction has ended, or it went back to before this. After any other failure (io_failed) the
  /// transaction is broken, and this closed.
  Status write(Bytes piece);

  /// Stores the entry, in place of an older one of its key. invalid_argument, and nothing happened:
  /// bytes are missing. table_missing; and as write().
  Status finish();

  /// Bytes that are still to come. 0 when it is closed.
  [[nodiscard]] std::uint64_t missing() const;

 private:
  [[nodiscard]] Status check_open() const;

  std::unique_ptr<ValueInPieces> value_;  ///< none: closed
};

}  // namespace quire
