// How much a test does: slow builds (sanitizers) ask for a part of it, long nights for a multiple.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace quire::test {

/// The factor in the environment variable QUIRE_TEST_VOLUME; 1 when it is not set or not positive.
inline double volume() {
  static const double factor = [] {
    const char* text = std::getenv("QUIRE_TEST_VOLUME");
    const double asked = text == nullptr ? 1.0 : std::strtod(text, nullptr);
    return asked > 0.0 ? asked : 1.0;
  }();
  return factor;
}

/// A number of rounds, seeds or entries in proportion to the volume; never 0, so that every law is
/// tried at least once.
inline std::size_t scaled(std::size_t count) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(count) * volume()));
}

}  // namespace quire::test
