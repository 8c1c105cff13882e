// BulkLoad: many entries for one table at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/progress.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

class EntrySorter;
class TableAppender;

struct BulkOptions {
  /// Bytes for entries that wait to be sorted. What does not fit waits in a file beside the
  /// database.
  std::uint64_t memory = std::uint64_t{256} << 20;
  /// The storage's, if any, where there is none. Entries that wait to be sorted are not done.
  ProgressHook progress = {};
};

/// Entries in rising order, above all that the table has, become pages as they come. As soon as one
/// is out of order it and all that follow are sorted first, and stored by finish(). Of equal keys
/// the last one counts. WriteTransaction::bulk_load makes it. Not thread-safe.
class BulkLoad {
 public:
  /// For WriteTransaction.
  BulkLoad(std::unique_ptr<TableAppender> appender, std::unique_ptr<EntrySorter> sorter,
           std::string_view table, BulkOptions options);
  BulkLoad(BulkLoad&&) noexcept;
  BulkLoad& operator=(BulkLoad&&) noexcept;
  /// Without finish() the transaction is broken: no part of a load is ever committed.
  ~BulkLoad();

  /// key_too_long, value_too_large: nothing happened. closed: it was finished, or the transaction
  /// has ended. After any other failure (no_space, io_failed) the transaction is broken.
  Status append(Bytes key, Bytes value);

  /// Stores what waits. All is in the transaction then, which may be committed.
  Status finish();

 private:
  enum class Stage : std::uint8_t {
    probing,    ///< the first entries wait until it is known whether they come in order
    appending,  ///< they do
    sorting,    ///< they do not, or did not always
  };

  Status add(Bytes key, Bytes value);
  Status add_to_sort(Bytes key, Bytes value);
  Status drain();
  void tell() const;

  std::unique_ptr<TableAppender> appender_;  ///< none: finished
  std::unique_ptr<EntrySorter> sorter_;
  BulkOptions options_;
  Progress progress_;
  Stage stage_ = Stage::probing;
};

}  // namespace quire
