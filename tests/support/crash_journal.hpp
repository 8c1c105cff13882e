// CrashJournal: what a program did to a CrashDisk, and every image that a power cut may leave of
// it.
//
// The run is recorded once; a cut at any stop is then made from the record. Stops are numbered
// from 0: one for each write and each sync, of a file or of the directory, in which the cut comes
// before the call is done, and a last one for a cut after everything.
//
// Invariant: what a finished sync covers is in every image; whatever else was written since may be
// there in any 512-byte parts, or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "support/crash_choice.hpp"
#include "support/crash_replay.hpp"

namespace quire::test {

class CrashDisk;
class CrashJournal;

/// How many images of one stop are tried.
struct Budget {
  /// When no more than this many images have no torn block, each of these is tried.
  std::size_t exhaustive_limit = 256;
  /// Sampled images, torn ones among them; tried in either case, each once.
  std::size_t samples = 64;
  std::uint64_t seed = 0;
};

/// What a computer could reproduce about a disk: kept from one boot to the next.
struct Machine {
  std::size_t file_capacity = std::size_t{64} << 20;
  std::uint64_t seed = 0;
  std::uint64_t boot = 0;
};

/// One thing that a power cut may have left. Lives only as long as the call it is handed to.
class CrashImage {
 public:
  /// The disk after the next boot, with a journal of its own. It is gone again before the next one
  /// is mounted and before the call returns; what is done to it changes nothing in the image.
  std::unique_ptr<CrashDisk> mount();

  /// The bytes of a file; nothing when there is none of that name.
  [[nodiscard]] std::optional<Bytes> content(const std::string& name) const;

  /// What the disk has and has not got, for the message of a failed test.
  [[nodiscard]] std::string describe() const;

 private:
  friend CrashJournal;
  class Stage;
  CrashImage(Stage& stage, const Choice& choice) : stage_(stage), choice_(choice) {}

  Stage& stage_;
  const Choice& choice_;
};

/// Independent of the disk it was taken from. One thread at a time.
class CrashJournal {
 public:
  CrashJournal(Recording recording, Machine machine);
  CrashJournal(CrashJournal&&) noexcept;
  ~CrashJournal();

  [[nodiscard]] std::size_t stop_count() const { return stops_.size() + 1; }

  /// "write of 4096 bytes at 16384", for the message of a failed test.
  [[nodiscard]] std::string describe_stop(std::size_t stop) const;

  using Visitor = std::function<void(CrashImage&)>;

  /// Calls `visit` with the images of a cut at this stop; visiting stops in order is cheapest.
  /// Returns how many there were. No two of them are the same.
  std::size_t for_each_image(std::size_t stop, const Budget& budget, const Visitor& visit);

 private:
  const Replay& replay_to(std::size_t stop);

  std::unique_ptr<const Recording> recording_;
  Machine machine_;
  std::vector<std::size_t> stops_;  // indexes of operations
  std::unique_ptr<Replay> replay_;
};

}  // namespace quire::test
