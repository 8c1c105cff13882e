// Trouble: why a command did not do what it was asked, for the person and for the shell.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "quire/quire.hpp"

namespace kvtool {

/// What the shell learns. Scripts depend on these numbers.
enum class ExitStatus : unsigned char {
  ok = 0,
  different = 1,      ///< not found, or not what it was compared with
  usage = 2,          ///< the command line, a key, a value or a dump makes no sense
  minor_defects = 3,  ///< check: bookkeeping is off, no entry is in danger
  corruption = 4,     ///< entries are lost, wrong or unreachable
  foreign_file = 5,   ///< a file of another kind, or of a later version
  busy = 6,           ///< somebody else holds the file
  io_failed = 7,      ///< the system: a missing file, rights, space, a failed read or write
};

struct Trouble {
  ExitStatus status = ExitStatus::usage;
  std::string message;  ///< what happened, to what, and what to do
};

/// A value, or the trouble that kept us from it.
template <class T>
class [[nodiscard]] Outcome : public std::expected<T, Trouble> {
 public:
  using Base = std::expected<T, Trouble>;
  using Base::Base;
};

using Done = Outcome<void>;
using Failure = std::unexpected<Trouble>;

/// Which exit status tells the shell of an error.
ExitStatus status_of(quire::ErrorCode code);

inline Failure trouble(ExitStatus status, std::string message) {
  return Failure(Trouble{status, std::move(message)});
}

/// An error of the library, after what was attempted: "cannot open a.quire".
Failure trouble(std::string_view attempt, const quire::Error& error);

/// Passes on the trouble of a failed outcome.
template <class T>
Failure pass_on(const Outcome<T>& failed) {
  return Failure(failed.error());
}

}  // namespace kvtool
