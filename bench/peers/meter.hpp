// What is told of one stretch of work of one engine: time, syncs, bytes written, latencies.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "measure.hpp"

namespace bench::peers {

/// What the process, all its threads included, has done so far.
struct Totals {
  double cpu_seconds = 0;
  std::uint64_t syncs = 0;
  std::uint64_t written = 0;  ///< bytes; see read_written()

  static Totals now();
  Totals operator-(const Totals& before) const noexcept;
};

/// The bytes that this process caused to be written to the disk, by the kernel's own account
/// (write_bytes in /proc/self/io): pages of files that it made dirty, through system calls or maps.
/// The counters of the block device would hold what others write at the same time, and what was
/// dirtied long before.
std::uint64_t read_written();

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

/// Begins when it is made.
class Meter {
 public:
  Meter() : before_(Totals::now()) {}
  /// What has passed since, with the sum over what was found.
  [[nodiscard]] Figure stop(std::string workload, std::string unit, std::uint64_t operations,
                            Clock clock, std::uint64_t sum) const;

 private:
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
