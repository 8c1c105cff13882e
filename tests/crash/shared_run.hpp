// SharedRun: processes that work on one file, die and are followed by others, as a script says; and
// what a power cut may leave of that, as they told it.
//
// One step is taken after the other: a process begins the next one when that of the last has ended,
// waits for somebody's lock, or has halted in its sync. So a script comes to the same calls in the
// same order each time, but where several wait for one lock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crash/history.hpp"
#include "crash/sharer.hpp"
#include "support/temporary_directory.hpp"

namespace quire::test {

/// Any script; the same for the same seed.
SharedScript make_script(std::uint64_t seed);

/// What processes said on a tape, as a history; and what they should not have said.
class Retelling {
 public:
  explicit Retelling(const SharedScript& script) : script_(script) {}

  void hear(const Note& note);

  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Commit {
    History::Index index = 0;
    bool has_returned = false;
    bool is_gone = false;  ///< somebody built on an older state
  };

  void show(std::uint64_t number);
  void build_on(std::uint64_t number, std::size_t stop);
  void begin(std::uint64_t number, std::uint64_t before, std::size_t stop);
  void complain(const char* what, std::uint64_t number);

  const SharedScript& script_;
  History history_{Tables{}};
  std::map<std::uint64_t, Commit> commits_{{0, {}}};
  History::Index newest_returned_ = 0;
  std::map<std::uint64_t, History::Index> asked_;  ///< what a sync is to cover, by its step
  std::vector<std::string> complaints_;
};

class SharedRun {
 public:
  explicit SharedRun(const SharedScript& script);

  /// Takes all steps. Once.
  Playback play_script();

  [[nodiscard]] std::size_t death_count() const { return death_count_; }
  /// Processes that ended otherwise than they were to.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Seat {
    enum class State : std::uint8_t { idle, busy, halted };
    std::unique_ptr<Wires> wires;
    std::unique_ptr<ChildProcess> process;  ///< none: the seat is empty
    State state = State::idle;
    bool dies_halted = false;
  };

  void take(std::size_t index);
  void settle();
  void fill(Seat& seat);
  void listen(Seat& seat);
  void end(Seat& seat);
  [[nodiscard]] bool is_anybody(Seat::State state) const;

  const SharedScript& script_;
  const TemporaryDirectory directory_;
  const std::string path_;
  const Tape tape_;
  std::vector<Seat> seats_;
  std::size_t death_count_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace quire::test
