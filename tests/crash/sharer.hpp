// Sharer: a process that shares a database with others, does what it is told and writes down on the
// tape what it may rely on; until it is killed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crash/content.hpp"
#include "crash/session.hpp"
#include "support/child_process.hpp"
#include "support/killing_files.hpp"
#include "support/recording_files.hpp"

namespace quire::test {

enum class Task : std::uint8_t {
  full,
  two_phase,
  buffered,
  abandon,
  sync,
  await,  ///< waits for the newest commit of its own
  close,
};

/// What one of the processes does next. Where none is, one is started for it, which opens the file.
struct Step {
  std::uint32_t seat;
  Task task;
  Death death;              ///< counted from the beginning of the step
  bool is_to_halt = false;  ///< in its first sync: the next ones go on meanwhile
  bool dies_halted = false;
};

struct SharedScript {
  std::uint64_t seed;
  Options options;
  std::uint32_t seat_count;
  std::vector<Step> steps;  ///< each commit has the number of its step, from 1 on
};

/// What the entries become by the commit of this number: key and value, or nothing.
struct Change {
  const char* table;
  std::string key;
  std::optional<std::string> value;
};
std::vector<Change> changes_of(const SharedScript& script, std::uint64_t number);

/// What is said on the tape, with the number of a commit, of the newest one of a state (the empty
/// database has 0), or of a step that is there to sync.
enum class Said : std::uint64_t {
  opened,      ///< the state that a first opener shows who recovered the file
  goes_on,     ///< the state that one shows who goes on where all others were killed
  found,       ///< the state that a transaction builds on
  commits,     ///< a commit begins; other: what it builds on
  returned,    ///< a commit did
  is_durable,  ///< a commit
  asks_for_sync,
  is_synced,  ///< what had returned when this was asked for
};

/// From the driver's ends of the pipes to a process's.
struct Wires {
  Pipe orders;  ///< of a step: its index * 2 + whether it may halt; to one that halted: anything
  Pipe events;
};
enum class Event : std::uint64_t { is_done, waits, halted };

class Sharer {
 public:
  enum class Rank : std::uint8_t { first, other };

  /// Does the steps that it is told to, until it has closed.
  static void run(const SharedScript& script, const Tape& tape, const std::string& path,
                  const Wires& wires, Rank rank);

 private:
  Sharer(const SharedScript& script, const Tape& tape, const std::string& path, const Wires& wires);

  void open(Rank rank);
  void act(const Step& step, std::uint64_t number);
  void commit(std::uint64_t number, Durability durability);
  void abandon(std::uint64_t number);
  void sync(std::uint64_t number);
  void await();
  void close(std::uint64_t number);

  [[nodiscard]] WriteTransaction begin(std::uint64_t& found) const;
  void edit(WriteTransaction& transaction, std::uint64_t number) const;
  void say(Said what, std::uint64_t number, std::uint64_t other = 0) const;
  void tell(Event event) const { wires_.events.send(static_cast<std::uint64_t>(event)); }
  void halt();

  const SharedScript& script_;
  const Tape& tape_;
  const std::string& path_;
  const Wires& wires_;
  RecordingFiles recording_;
  KillingFiles files_;
  std::optional<Database> database_;
  bool goes_on_ = false;  ///< where killed processes stopped
  bool may_halt_ = false;
  std::uint64_t newest_ = 0;  ///< its own commit
  CommitTicket ticket_;
};

}  // namespace quire::test
