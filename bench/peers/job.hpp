// Work that needs a process of its own: to be killed, or to have little memory.
//
// The program starts itself with `--job`, and the child prints what it measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "measure.hpp"

namespace bench::peers {

/// Values of these jobs have this many bytes.
inline constexpr std::size_t job_value_size = 1'000;

struct Job {
  std::string kind;  ///< fill: fills a new store and is killed; gets, many gets: reads from a store
  std::string engine;     ///< by name
  std::string directory;  ///< the store's
  std::uint64_t entries = 0;
  std::uint64_t operations = 0;
  std::uint64_t round = 0;
  std::uint64_t cache_size = 0;
  std::string group = {};  ///< a memory group to join; none: stays where it is
};

/// Has a child do it. What it measured; nothing when it was killed, as by itself, or for want of
/// memory. Throws std::runtime_error when it ended otherwise.
std::optional<Sample> run_in_child(const Job& job);

/// What the child does. Does not return from being killed.
void do_job(const Job& job);

}  // namespace bench::peers
