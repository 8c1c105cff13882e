#include "tools/trouble.hpp"

namespace kvtool {

ExitStatus status_of(quire::ErrorCode code) {
  using enum quire::ErrorCode;
  switch (code) {
    case table_missing:
    case table_exists:
    case type_mismatch: return ExitStatus::different;
    case invalid_argument:
    case key_too_long:
    case value_too_large: return ExitStatus::usage;
    case corrupt: return ExitStatus::corruption;
    case not_a_database:
    case format_too_new:
    case feature_unknown: return ExitStatus::foreign_file;
    case busy:
    case too_many_readers: return ExitStatus::busy;
    case io_failed:
    case no_space:
    case file_missing:
    case permission:
    case unsupported_file:
    case read_only:
    case wrong_thread:
    case poisoned:
    case outcome_unknown:
    case transaction_broken:
    case closed:
    case snapshot_ousted:
    case cancelled:
    case timed_out:
    case full: return ExitStatus::io_failed;
  }
  return ExitStatus::io_failed;
}

Failure trouble(std::string_view attempt, const quire::Error& error) {
  return trouble(status_of(error.code()), std::string(attempt) + ": " + error.message());
}

}  // namespace kvtool
