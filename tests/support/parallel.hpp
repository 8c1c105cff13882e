// Work on all processors at once, for tests whose parts have nothing to do with each other.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace quire::test {

/// Calls work(index) for every index below count, in order on as many threads as there are
/// processors. Returns when all are done. The calls must not throw, nor assert anything of doctest.
template <class Work>
void in_parallel(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto work_on = [&] {
    for (std::size_t index = next++; index < count; index = next++) work(index);
  };
  const std::size_t threads = std::min<std::size_t>(count, std::thread::hardware_concurrency());
  std::vector<std::jthread> others;
  for (std::size_t thread = 1; thread < threads; ++thread) others.emplace_back(work_on);
  work_on();
}

}  // namespace quire::test
