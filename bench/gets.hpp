// The loop that is timed wherever single values are looked up.
#pragma once

#include <cstdint>

#include "data.hpp"
#include "measure.hpp"

namespace bench {

/// What a value that may be missing adds to the sum.
inline std::uint64_t front_or_zero(const void* value) noexcept {
  return value == nullptr ? 0 : front_of(value);
}

/// The sum over what is found under each key. front looks one up and reads it while whatever keeps
/// the value, such as a guard, is alive.
Sample time_gets(const Keys& keys, auto&& front) {
  const Stopwatch watch;
  std::uint64_t sum = 0;
  for (const std::uint64_t key : keys) sum += front(key);
  return watch.stop(sum);
}

/// Of a table, or of a table in a snapshot.
std::uint64_t typed_front(const auto& table, std::uint64_t key) {
  const auto found = table.get(key).value();
  return found ? front_of((*found)->data()) : 0;
}

}  // namespace bench
