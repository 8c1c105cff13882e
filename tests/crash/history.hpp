// History: which states a database may be found in after a cut, from what it was asked to commit
// and what it promised.
//
// Time is counted in stops: a commit that begins when n writes and syncs were done may be there
// after a cut in the n-th one (from 0), and must be there after a cut in any that comes after its
// acknowledgement.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crash/content.hpp"

namespace quire::test {

/// The table and entry that a survivor commits to show that it still can.
inline constexpr const char* probe_table = "probe";
inline constexpr const char* probe_key = "still";
inline constexpr const char* probe_value = "alive";

class History {
 public:
  using Index = std::size_t;

  /// Begins with a state that is durable.
  explicit History(Tables first);

  /// A commit of this content is about to be asked for.
  Index begin(Tables tables, std::size_t stop);
  /// It was acknowledged as durable: nothing older may be found.
  void set_durable(Index index, std::size_t stop);
  /// Its caller was told that it is not there, and never will be.
  void withdraw(Index index, std::size_t stop);
  /// The database was opened and showed this state: it stays, and what it did not show is gone.
  void settle(Index found, std::size_t stop);

  /// The history of a program that starts after a cut in this stop, when it has done nothing yet.
  [[nodiscard]] History seen_from(std::size_t stop) const;

  [[nodiscard]] std::size_t size() const { return states_.size(); }
  [[nodiscard]] const Tables& tables(Index index) const { return *states_[index].tables; }
  [[nodiscard]] const Digest& digest(Index index) const { return states_[index].digest; }
  /// The same content with the probe's entry.
  [[nodiscard]] const Digest& digest_with_probe(Index index) const {
    return states_[index].digest_with_probe;
  }

  /// The state of this content that may be found after a cut in this stop; the newest of several.
  [[nodiscard]] std::optional<Index> find(const Digest& digest, std::size_t stop) const;

  /// The newest state that must survive a cut in this stop.
  [[nodiscard]] Index newest_durable(std::size_t stop) const;

  /// "state 4 of 2 to 5", or which wrong state it is, for the message of a failed test.
  [[nodiscard]] std::string explain(const Digest& digest, std::size_t stop) const;

 private:
  History() = default;

  struct State {
    std::shared_ptr<const Tables> tables;
    Digest digest;
    Digest digest_with_probe;
    std::size_t began;
    std::size_t durable_from;
    std::size_t withdrawn_from;
  };

  std::vector<State> states_;
};

}  // namespace quire::test
