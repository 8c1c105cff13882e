// Progress: how far a long command has come, on the standard error where that is a terminal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>

namespace kvtool {

/// Shows "loaded 131072 entries" on one line, which it clears in the end. Not thread-safe.
class Progress {
 public:
  explicit Progress(std::string verb) : verb_(std::move(verb)) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (is_shown_) std::cerr << "\r\x1b[K" << std::flush;
  }

  void count_one() {
    if (++count_ % step == 0) show(std::to_string(count_) + " entries");
  }

  /// Of things that are told apart by whoever counts them: "checked 4096 of 100000 pages".
  void tell(std::uint64_t done, std::uint64_t total, const char* things) {
    show(std::to_string(done) + " of " + std::to_string(total) + ' ' + things);
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  static constexpr std::uint64_t step = 1 << 15;

  /// A terminal is a character device (and so is /dev/null, which does not mind).
  static bool is_terminal() {
    std::error_code ignored;
    return std::filesystem::is_character_file("/dev/fd/2", ignored);
  }

  void show(const std::string& amount) {
    if (!is_terminal_) return;
    std::cerr << '\r' << verb_ << ' ' << amount << std::flush;
    is_shown_ = true;
  }

  std::string verb_;
  bool is_terminal_ = is_terminal();
  bool is_shown_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace kvtool
