// Exploring a recorded run: a cut at every stop, every image of it judged, and cuts in what comes
// after a cut.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "crash/history.hpp"
#include "crash/session.hpp"
#include "crash/traces.hpp"
#include "support/crash_journal.hpp"

namespace quire::test {

/// What became of the images of one run or of many.
struct Findings {
  std::size_t images = 0;
  std::size_t losses = 0;
  std::string first;  ///< what the first loss was, and in which image
};

/// What a survivor of a cut does before the next one.
using Script = std::function<void(Session&)>;

struct Plan {
  Budget budget;
  std::size_t every_nth_deep = 0;  ///< how many images go by between two that are cut again; 0: all
  std::size_t depth = 1;           ///< cuts in a row
  std::size_t deep_stops = 6;      ///< of a survivor's run, how many are cut; 0: each one
  Budget deep_budget{.exhaustive_limit = 16, .samples = 16};
  Script after_cut;
};

/// Judges images against what may be found, as one run's options say.
class Explorer {
 public:
  Explorer(std::string_view name, const Options& options, const Plan& plan);

  /// Every stop of the run.
  void explore(CrashJournal journal, const History& history);
  /// One stop only.
  void explore(CrashJournal& journal, const History& history, std::size_t stop) {
    explore_stop(journal, history, stop, plan_.budget, 1);
  }

  void note_loss(const std::string& what, const std::string& where);

  [[nodiscard]] const Findings& findings() const { return findings_; }

 private:
  void explore_stop(CrashJournal& journal, const History& history, std::size_t stop,
                    const Budget& budget, std::size_t depth);
  void explore_survivor(CrashImage& image, const History& history, std::size_t stop,
                        std::size_t depth, const std::string& where);

  std::string name_;
  Options options_;
  Plan plan_;
  Findings findings_;
};

inline constexpr Machine small_machine{.file_capacity = std::size_t{4} << 20};

/// Runs a trace and explores it. What the engine did against its promises while it ran is a loss,
/// too; errors are one when the trace makes no call fail.
Findings run_and_explore(const Trace& trace, const Plan& plan);

/// What is wrong with a database on this disk; empty when it is as it must be after a cut in this
/// stop, goes on working, and is the same after one more opening.
std::string judge(CrashDisk& disk, const Options& options, const History& history,
                  std::size_t stop);

/// What the whole process has tried; printed at its end. Thread-safe.
struct Totals {
  Totals() = default;
  Totals(const Totals&) = delete;
  Totals& operator=(const Totals&) = delete;
  ~Totals();
  std::atomic<std::size_t> images = 0;  ///< judged
  std::atomic<std::size_t> faults = 0;  ///< runs in which a call failed
};
Totals& totals();

}  // namespace quire::test
