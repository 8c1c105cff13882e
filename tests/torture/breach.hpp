// What a worker does when a law is broken: it says which, and exits at once with an error.
//
// Nothing is unwound, so what the file and its locks look like then is what was found.
#pragma once

#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace quire::test {

[[noreturn]] inline void report_breach(const std::string& what) {
  static_cast<void>(std::fprintf(stderr, "%s\n", what.c_str()));
  std::_Exit(1);
}

inline void demand(bool holds, const char* what) {
  if (!holds) report_breach(what);
}

/// The same, with a text that is put together only when it is needed.
template <std::invocable Describe>
void demand(bool holds, const Describe& describe) {
  if (!holds) report_breach(describe());
}

}  // namespace quire::test
