// Job: what a torture worker is given, and how it opens the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "quire/engine/database.hpp"
#include "support/model_material.hpp"
#include "torture/board.hpp"

namespace quire::test {

/// Few, so that those of dead processes must come back: a reader needs 4 at most, a writer 1.
inline constexpr std::uint32_t torture_reader_slots = 20;

struct Job {
  std::string path;
  Board& board;
  std::uint32_t index;  ///< of its line; a writer's is its number
  Dice dice;

  [[nodiscard]] BoardLine& line() const { return board.line(index); }
};

/// Choices by chance that a process may make for itself, and all processes may mix.
Options choose_options(Dice& dice);

/// A worker's opening of the file, which it closes and opens as it likes.
class Worker {
 protected:
  explicit Worker(Job& job) : job_(job), dice_(job.dice), line_(job.line()) { open(); }

  void open();
  void close();

  Job& job_;
  Dice& dice_;
  BoardLine& line_;
  std::optional<Database> database_;
};

/// Whether the driver wants this process to come to an end.
bool is_asked_to_end();

// The three kinds of worker. They return when they are asked to end, the last one when it is done.

/// Commits, abandons, syncs, closes and opens again.
void run_writer(Job& job);
/// Takes snapshots, holds some, and looks whether all is as it must be.
void run_reader(Job& job);
/// Opens the file when nobody has it, and looks at all of it.
void run_auditor(Job& job);

}  // namespace quire::test
