// How two engines are compared: in one run, in turn, by the median of the ratios of each round.
//
// A shared machine is now fast and now slow. Both sides of a round meet about the same machine, so
// the ratio within a round says more than a ratio of averages; whose turn is first changes from
// round to round. Each side also returns a sum over what it found. Sums that differ are a failure,
// not a measurement.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What one side did in one round.
struct Sample {
  double cpu_seconds = 0;  ///< of the measuring thread
  double wall_seconds = 0;
  std::uint64_t sum = 0;        ///< over the values that were found or stored
  std::uint64_t file_size = 0;  ///< bytes, where the row makes a file
};

/// Times a stretch of the calling thread.
class Stopwatch {
 public:
  Stopwatch();
  /// What has passed since construction, with the sum.
  [[nodiscard]] Sample stop(std::uint64_t sum) const;

 private:
  double cpu_;
  double wall_;
};

enum class Clock : std::uint8_t {
  cpu,   ///< the thread's own time: for what does not wait
  wall,  ///< for what waits for the disk, or takes several threads; and then with real-time
         ///< priority where permitted
};

/// Of figures in any order; 0 when there are none.
double median(std::vector<double> figures);

using Side = std::function<Sample(std::uint64_t round)>;

/// A target that nothing misses, of a figure that is shown for its own sake.
inline constexpr double untargeted = 1e-9;

/// One line of the table. Sides left empty do not exist.
struct Row {
  std::string name;
  std::string unit;       ///< what one operation is
  double operations = 1;  ///< per round
  double target = 1;      ///< LMDB's time over ours
  Clock clock = Clock::cpu;
  Side lmdb;
  Side typed;              ///< quire's public API
  Side engine;             ///< the engine below the typed API
  double size_target = 0;  ///< LMDB's file over ours, where the sides make files; 0: they do not
};

/// A row's figures. Times are medians over rounds, per operation; ratios are medians of per-round
/// ratios.
struct Outcome {
  std::string name;
  std::string unit;
  double target = 0;
  double lmdb = 0;  ///< nanoseconds, or bytes for a size
  double typed = 0;
  double engine = 0;  ///< 0: there is no such side
  double ratio = 0;
  double engine_ratio = 0;
  double lowest = 0;  ///< of the per-round ratios
  double highest = 0;
  double other_ratio = 0;  ///< by the other clock
  bool is_size = false;

  [[nodiscard]] bool is_met() const { return ratio >= target; }
};

/// Runs a warm-up round and then `rounds` that count. One outcome for the times and, where the row
/// makes files, one for the sizes. Throws std::runtime_error when the sides found different things.
std::vector<Outcome> measure(const Row& row, unsigned rounds);

/// While it lives, the calling thread and those that it begins are real-time scheduled, where that
/// is permitted. Otherwise a thread that wakes up from a wait for the disk may find a neighbour in
/// its place until the next tick of the scheduler.
class RealTime {
 public:
  RealTime();
  RealTime(const RealTime&) = delete;
  RealTime& operator=(const RealTime&) = delete;
  ~RealTime();
  [[nodiscard]] bool is_granted() const { return is_granted_; }

 private:
  bool is_granted_;
};

}  // namespace bench
