// Torture: processes on one file, of which somebody is killed all the time.
//
// Two writers and three readers, each started again at once when it has ended. A random one is
// killed after a random time, or several, or all; or one is stopped for a while, or asked to end;
// or all readers are killed and come back later.
// When all have ended an auditor opens the file and looks at it; it may be killed at that, too.
//
// Who stands is spared: only those are killed that have moved within a second, so that no kill
// hides a hang from the bound on the time that a process may stand.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/model_material.hpp"
#include "torture/board.hpp"
#include "torture/post.hpp"
#include "torture/process.hpp"

namespace quire::test {

struct Conditions {
  std::uint64_t seed = 0;
  std::chrono::milliseconds duration{};
  std::chrono::seconds patience{20};  ///< how long a process may stand
  Namespace readers_see = Namespace::same;
};

/// What happened in one or several tortures.
struct Account {
  std::uint64_t kills = 0;
  std::uint64_t freezes = 0;
  std::uint64_t restarts = 0;
  std::uint64_t full_stops = 0;
  std::uint64_t commits = 0;
  std::uint64_t looks = 0;
  Clock::duration longest_stand{};
  std::map<std::string, std::uint64_t> killed_while{};  ///< by phase

  void add(const Account& other);
  [[nodiscard]] std::string describe() const;
};

class Torture {
 public:
  /// The scene's directory must be there, and outlive it.
  Torture(const Scene& scene, const Conditions& conditions);

  /// Which law was broken; nothing when all held.
  std::optional<std::string> run();
  [[nodiscard]] Account account() const;

 private:
  using Microseconds = std::chrono::microseconds;

  // What they return: whether no law is broken yet.
  bool disturb();
  bool begin_again();
  bool stop_all();
  bool audit();
  bool kill_auditor();
  bool freeze_one();
  bool kill_some();
  bool end_one();
  bool kill_one();
  bool leave_out_readers();
  bool watch_for(Clock::duration time);
  bool watch_until_ended(std::span<Post> posts);
  bool look();

  [[nodiscard]] std::span<Post> readers();
  [[nodiscard]] bool is_to_be_filled(std::uint32_t index) const;
  void start_all();
  void start(Post& post);
  void kill(Post& post);
  [[nodiscard]] Post* choose_victim();
  [[nodiscard]] std::string describe_all() const;
  [[nodiscard]] bool may_be_disturbed(const Post& post);
  [[nodiscard]] bool is_anybody_standing() const;
  [[nodiscard]] Clock::duration choose_delay();

  Dice dice_;
  const Conditions conditions_;
  EndOfChildren ends_;
  Board board_;
  std::vector<Post> posts_;  ///< the auditor's is the last
  bool is_stopping_ = false;
  bool are_readers_out_ = false;
  Account account_;
  std::optional<std::string> breach_;
};

}  // namespace quire::test
