// What is told of one stretch of work of one engine: time, syncs, bytes written, latencies.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "measure.hpp"
#include "peers/home.hpp"

namespace bench::peers {

/// What the process, all its threads included, has done so far, and the device below a store.
struct Totals {
  double cpu_seconds = 0;
  std::uint64_t syncs = 0;
  std::uint64_t written = 0;  ///< bytes, by the device; see Home::device_written()

  static Totals now(const Home& home);
  Totals operator-(const Totals& before) const noexcept;
};

/// Nanoseconds of single operations, in any order.
using Latencies = std::vector<float>;

/// What is measured of an engine in one workload of one round.
struct Figure {
  std::string workload;
  std::string unit;       ///< what one operation is
  double operations = 1;  ///< how many there were
  Clock clock = Clock::wall;
  Sample sample;  ///< by the calling thread
  Totals totals;  ///< by all of the process
  Latencies latencies = {};
  bool is_size = false;  ///< only sample.file_size counts
};
using Figures = std::vector<Figure>;

/// Bytes on the disk, as a figure.
Figure size_figure(std::string workload, std::uint64_t size);

/// Begins when it is made. The home must outlive it.
class Meter {
 public:
  explicit Meter(const Home& home) : home_(home), before_(Totals::now(home)) {}
  /// What has passed since, with the sum over what was found. What is not synced yet is not
  /// written yet.
  [[nodiscard]] Figure stop(std::string workload, std::string unit, std::uint64_t operations,
                            Clock clock, std::uint64_t sum) const;
  /// Brings the closed store to the disk and counts what was written for that, too.
  void settle(Figure& figure) const;

 private:
  const Home& home_;
  Totals before_;
  Stopwatch watch_;
};

/// Runs it and adds what it took.
void timed(Latencies& latencies, auto&& operation) {
  const auto begin = std::chrono::steady_clock::now();
  operation();
  const auto end = std::chrono::steady_clock::now();
  latencies.push_back(std::chrono::duration<float, std::nano>(end - begin).count());
}

}  // namespace bench::peers
