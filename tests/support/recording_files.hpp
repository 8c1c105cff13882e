// RecordingFiles: the machine's files, and a tape of what all processes of a test do to them.
//
// The tape is a file to which every process appends, so it has one order for all of them. What a
// call did is on it when the call returns; of a process that is killed it has all that it did.
// Played back, it is the recording of a crash disk on which they all worked.
//
// The machine itself is never asked to sync: on the tape, a sync has a beginning and an end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quire/engine/file/posix_file.hpp"
#include "support/crash_replay.hpp"
#include "support/forwarding_files.hpp"

namespace quire::test {

/// What a process says on the tape, between what it does. The meaning is the test's.
struct Note {
  std::uint64_t what = 0;
  std::uint64_t number = 0;
  std::uint64_t other = 0;
  std::size_t stop = 0;  ///< played back: how many stops came before
};

/// The end of a tape, to write on. Thread-safe, and safe among processes.
class Tape {
 public:
  /// Makes the tape, or goes on with it.
  explicit Tape(const std::string& path);
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape();

  void say(const Note& note) const;

  struct Entry {
    std::uint64_t kind;  ///< Operation::Kind, or above all of them
    std::uint64_t file;  ///< what the machine calls it
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t payload = 0;  ///< bytes that follow: what was written, or a name
  };
  void add(Entry entry, std::span<const Bytes> payload = {}) const;

 private:
  int descriptor_;
};

/// What is on a tape. Files and names were none when it began.
struct Playback {
  Recording recording;
  std::vector<Note> notes;
};
Playback play(const std::string& path);

class RecordingFiles final : public ForwardingFiles {
 public:
  explicit RecordingFiles(const Tape& tape) : ForwardingFiles(posix_file_system()), tape_(tape) {}

  /// Runs in each sync, between what it covers and its end.
  std::function<void()> during_sync = [] {};
  /// Runs in front of each wait for a lock that somebody else has.
  std::function<void()> before_waiting = [] {};

  Result<std::unique_ptr<File>> create_beside(const std::string& path) override;
  Result<bool> publish(File& file, const std::string& path) override;
  Status replace(File& file, const std::string& path) override;
  void discard(File& file) noexcept override;
  Status sync_directory(const std::string& path) override;

  void record(Operation::Kind kind, const File& file, std::uint64_t offset, std::uint64_t length,
              std::span<const Bytes> payload = {}) const;

 private:
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override;
  void record_name(Operation::Kind kind, const File& file, const std::string& path) const;

  const Tape& tape_;
};

}  // namespace quire::test
