// Post: one worker's place, in which one process follows the other, and what the driver knows of
// the one that is there now.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "torture/board.hpp"
#include "torture/process.hpp"

namespace quire::test {

using Clock = std::chrono::steady_clock;

/// Where a torture takes place.
struct Scene {
  std::string directory;
  [[nodiscard]] std::string file() const { return directory + "/torture.quire"; }
  [[nodiscard]] std::string board() const { return directory + "/board"; }
  [[nodiscard]] std::string errors_of(std::uint32_t index) const {
    return directory + "/errors-" + std::to_string(index);
  }
};

class Post {
 public:
  Post(const Scene& scene, Board& board, std::uint32_t index, Namespace space);

  void start(std::uint64_t seed);
  void kill();
  void ask_to_end();
  void freeze() const { process_->send(SIGSTOP); }
  void thaw() const { process_->send(SIGCONT); }

  [[nodiscard]] bool is_taken() const { return process_ != nullptr; }
  /// Whether something has been done to it that it has not ended from yet.
  [[nodiscard]] bool is_ending() const { return asked_ != Asked::nothing; }

  /// Looks at how it goes on, and is free when its process has ended. What is wrong with it: that
  /// it ended otherwise than it was asked to, or has stood for too long.
  [[nodiscard]] std::optional<std::string> look(Clock::duration patience);

  /// How long it has not moved; since its start, if it never has.
  [[nodiscard]] Clock::duration stand() const { return Clock::now() - moved_; }
  [[nodiscard]] bool has_moved() const { return has_moved_; }
  [[nodiscard]] Clock::duration longest_stand() const { return longest_stand_; }

  /// "reader 3, while reading".
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] std::string stacks() const { return process_->stacks(); }
  [[nodiscard]] const char* phase_name() const { return line_.phase_name(); }

 private:
  enum class Asked : std::uint8_t { nothing, to_end, to_die };

  [[nodiscard]] const char* role() const;
  [[nodiscard]] bool is_as_asked(const End& end) const;
  [[nodiscard]] std::string errors() const;

  const Scene& scene_;
  BoardLine& line_;
  std::uint32_t index_;
  Namespace space_;
  std::unique_ptr<Process> process_;
  Asked asked_ = Asked::nothing;
  std::uint64_t steps_ = 0;
  bool has_moved_ = false;
  Clock::time_point moved_;
  Clock::duration longest_stand_{};
};

}  // namespace quire::test
