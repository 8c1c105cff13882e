// Result: a value, or the Error that kept us from it.
//
// It is std::expected with two things added: dropping one is a warning, and taking the value of a
// failed one says what failed (g++ 12's std::expected does neither).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>
#include <type_traits>
#include <utility>

#include "quire/engine/base/error.hpp"

namespace quire {

/// Thrown by Result::value() on a failed result; what() is the error's message.
class BadResult : public std::bad_expected_access<Error> {
 public:
  explicit BadResult(const Error& error)
      : std::bad_expected_access<Error>(error), message_(error.message()) {}
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

[[noreturn]] inline void bad_result(const Error& error) {
#if defined(__cpp_exceptions)
  throw BadResult(error);
#else
  static_cast<void>(std::fprintf(stderr, "quire: %s\n", error.message().c_str()));
  std::abort();
#endif
}

/// Converts to any failed Result: `return fail(error)`.
using Failure = std::unexpected<Error>;

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using Base = std::expected<T, Error>;
  using Base::Base;

  /// The value. On failure throws BadResult, or aborts with its message where exceptions are off.
  T& value() & {
    require();
    return **this;
  }
  const T& value() const& {
    require();
    return **this;
  }
  /// By value, so that `for (auto& each : list().value())` does not iterate over what is gone.
  T value() && {
    require();
    return std::move(**this);
  }

 private:
  void require() const {
    if (!this->has_value()) bad_result(this->error());
  }
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
 public:
  using Base = std::expected<void, Error>;
  using Base::Base;

  /// Throws BadResult on failure, or aborts with its message where exceptions are off.
  void value() const {
    if (!this->has_value()) bad_result(this->error());
  }
};

/// Done, or why not.
using Status = Result<void>;

inline Failure fail(Error error) { return Failure(std::move(error)); }
inline Failure fail(ErrorCode code) { return Failure(Error(code)); }

/// Passes on the error of a failed result.
template <class T>
Failure fail(const Result<T>& failed) {
  return Failure(failed.error());
}

}  // namespace quire
