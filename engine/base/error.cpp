#include "quire/engine/base/error.hpp"

#include <system_error>
#include <utility>

#include "quire/engine/base/assert.hpp"

namespace quire {
namespace {

struct Wording {
  std::string_view name;
  std::string_view what;  ///< what happened
  std::string_view cure;  ///< what to do; may be empty
};

Wording wording(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::io_failed: return {"io_failed", "the system failed to read or write", ""};
    case ErrorCode::no_space:
      return {"no_space", "no space left for the database to grow",
              "nothing was changed; free some space and try again"};
    case ErrorCode::file_missing:
      return {"file_missing", "no such file or directory", "check the path"};
    case ErrorCode::permission:
      return {"permission", "the system refuses access",
              "check the rights of the file and its folder"};
    case ErrorCode::busy:
      return {"busy", "somebody else is using it", "close the other program or wait for it"};
    case ErrorCode::unsupported_file:
      return {"unsupported_file", "this file or file system cannot hold a database",
              "use a regular file on a local disk"};
    case ErrorCode::not_a_database:
      return {"not_a_database", "not a quire file", "check the path; nothing was changed"};
    case ErrorCode::format_too_new:
      return {"format_too_new", "the file was written by a newer quire", "update this program"};
    case ErrorCode::feature_unknown:
      return {"feature_unknown", "the file uses a feature that this quire does not know",
              "update this program"};
    case ErrorCode::corrupt:
      return {"corrupt", "the file is damaged", "run `kvtool check` on it and restore a backup"};
    case ErrorCode::invalid_argument: return {"invalid_argument", "an argument makes no sense", ""};
    case ErrorCode::key_too_long:
      return {"key_too_long", "the key is too long for this page size",
              "shorten it or create the file with larger pages"};
    case ErrorCode::value_too_large:
      return {"value_too_large", "the value is too large", "split it"};
    case ErrorCode::read_only:
      return {"read_only", "the database is open for reading only", "open it for writing"};
    case ErrorCode::table_missing: return {"table_missing", "no such table", "check its name"};
    case ErrorCode::table_exists:
      return {"table_exists", "a table of this name exists already", "choose another name"};
    case ErrorCode::type_mismatch:
      return {"type_mismatch", "the table holds other types than asked for",
              "open it with the stored types"};
    case ErrorCode::wrong_thread:
      return {"wrong_thread", "this thread already holds a write transaction",
              "commit or abandon it first"};
    case ErrorCode::poisoned:
      return {"poisoned", "an earlier write failed, so nothing more can be written",
              "close the database and open it again"};
    case ErrorCode::outcome_unknown:
      return {"outcome_unknown", "the write failed too late to know whether the commit is there",
              "open the database again and look"};
    case ErrorCode::transaction_broken:
      return {"transaction_broken", "an earlier call of this transaction failed", "abandon it"};
    case ErrorCode::too_many_readers:
      return {"too_many_readers", "every reader slot is taken",
              "end some snapshots or guards, or raise the limit"};
    case ErrorCode::closed: return {"closed", "this handle is closed", "open the database again"};
    case ErrorCode::full:
      return {"full", "the file has no page numbers left", "use larger pages or another file"};
    case ErrorCode::snapshot_ousted:
      return {"snapshot_ousted", "this snapshot has passed a limit on readers",
              "drop it and take a new one"};
    case ErrorCode::cancelled: return {"cancelled", "it was cancelled", ""};
    case ErrorCode::timed_out: return {"timed_out", "the deadline has passed", ""};
  }
  return {"unknown", "unknown error", ""};
}

}  // namespace

std::string_view name(ErrorCode code) noexcept { return wording(code).name; }

Error& Error::with_system(int error_number) noexcept {
  system_ = error_number;
  return *this;
}

Error& Error::with_page(PageNo page) noexcept {
  page_ = page;
  return *this;
}

Error& Error::with_table(TableId table) noexcept {
  table_ = table;
  return *this;
}

Error& Error::with_txn(TxnId txn) noexcept {
  txn_ = txn;
  return *this;
}

Error& Error::with_detail(std::string detail) {
  detail_ = std::make_shared<const std::string>(std::move(detail));
  return *this;
}

std::string_view Error::detail() const noexcept {
  return detail_ ? std::string_view(*detail_) : std::string_view();
}

std::string Error::message() const {
  const Wording words = wording(code_);
  std::string text(words.what);
  if (detail_) text += ": " + *detail_;
  if (page_ != no_page) text += " (page " + std::to_string(page_.value) + ")";
  if (table_ != catalog_table) text += " (table " + std::to_string(table_.value) + ")";
  if (txn_ != no_txn) text += " (transaction " + std::to_string(txn_.value) + ")";
  if (system_ != 0) text += ": " + std::system_category().message(system_);
  if (!words.cure.empty()) text += "; " + std::string(words.cure);
  return text;
}

}  // namespace quire
