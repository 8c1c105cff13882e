// What processes hold of a file, on several threads and dropped in any order, while another process
// writes, is killed at any call and followed by the next.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/holding.hpp"
#include "support/killing_files.hpp"
#include "support/shared_memory.hpp"
#include "support/temporary_directory.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// How many processes have holders that have steps to take.
using Busy = SharedMemory<std::atomic<int>>;

StorageBuilder builder(const std::string& path) {
  return StorageBuilder(path).with_durability(Durability::buffered).with_poisoned_free_pages();
}

/// A process that holds what its threads came to hold, until it is told to drop it.
class HoldingProcess {
 public:
  HoldingProcess(const std::string& path, std::uint64_t seed, std::size_t steps, const Busy& busy)
      : child_([this, &path, seed, steps, &busy] { return hold(path, seed, steps, *busy); }) {
    events_.only_receive();
  }

  [[nodiscard]] bool has_ended() const { return child_.has_ended(); }
  /// False: it ended before.
  [[nodiscard]] bool wait_until_it_holds() const { return events_.receive().has_value(); }
  /// How often something had changed.
  int drop_all() {
    orders_.send(1);
    return child_.wait();
  }
  void kill() { child_.kill(); }

 private:
  [[nodiscard]] int hold(const std::string& path, std::uint64_t seed, std::size_t steps,
                         std::atomic<int>& busy) const {
    Dice dice(seed);
    std::optional<Storage> storage = builder(path).build().value();
    std::optional<Texts> table = open_texts(*storage);
    Holders holders(seed, *storage, *table, steps, [&] {
      --busy;
      events_.send(1);
      static_cast<void>(orders_.receive());
    });
    holders.let_go(storage, table, dice);
    return std::min(holders.finish(), 90);
  }

  Pipe orders_;
  Pipe events_;
  ChildProcess child_;
};

/// The file, and the processes that have it: one that writes at a time, several that hold.
class Household {
 public:
  Household(std::uint64_t seed, std::size_t steps) : dice_(seed) {
    {
      const Storage storage = builder(path_).build().value();
      Texts table = open_texts(storage);
      put_texts(table);
    }
    constexpr int processes = 3;
    *busy_ = processes;
    for (std::uint64_t number = 0; number < processes; ++number)
      holding_.push_back(
          std::make_unique<HoldingProcess>(path_, seed * processes + number, steps, busy_));
  }

  /// Writers follow each other for as long as others take steps.
  void write_meanwhile() {
    const auto has_ended = [](const auto& process) { return process->has_ended(); };
    while (*busy_ != 0 && std::ranges::none_of(holding_, has_ended))
      write([this](std::uint32_t) { return *busy_ != 0; });
    for (const auto& process : holding_) REQUIRE(process->wait_until_it_holds());
  }

  void write_for_a_while() {
    write([](std::uint32_t round) { return round < 20; });
  }

  void kill_one() {
    holding_.back()->kill();
    holding_.pop_back();
  }

  /// Each while the next one still holds.
  void drop_all_but_one() {
    for (; holding_.size() > 1; holding_.pop_back()) {
      CHECK(holding_.back()->drop_all() == 0);
      write_for_a_while();
    }
  }

  /// Somebody else has the file open, and finds that nothing is kept any more, nor for the dead.
  void end_last() {
    const Pipe to_other;
    const Pipe to_parent;
    ChildProcess other([&] {
      Storage storage = builder(path_).build().value();
      to_parent.send(1);
      static_cast<void>(to_other.receive());
      churn(storage, open_texts(storage), dice_, 1);
      const bool is_sound = storage.check().value().is_clean();
      return is_sound && storage.statistics().value().pins == 0 ? 0 : 1;
    });
    REQUIRE(to_parent.receive().has_value());
    if (dice_.one_in(2))
      kill_one();
    else
      CHECK(holding_.front()->drop_all() == 0);
    to_other.send(1);
    CHECK(other.wait() == 0);
  }

 private:
  /// One writer, until it is to end or is killed.
  template <class GoesOn>
  void write(const GoesOn& goes_on) {
    constexpr std::uint32_t rounds = 1000;  // and no longer, whoever does not come to an end
    const std::uint32_t first_round = ++writers_ * rounds;
    Death death;
    if (!dice_.one_in(4)) death = {1 + dice_.below(600), dice_.any_of(Death::moments)};
    ChildProcess child([&, dice = dice_]() mutable {
      KillingFiles files(death);
      Storage storage = builder(path_).with_backend(files).build().value();
      const Texts table = open_texts(storage);
      for (std::uint32_t round = 0; round < rounds && goes_on(round); ++round)
        churn(storage, table, dice, first_round + round);
      return 0;
    });
    const int status = child.wait();
    REQUIRE((status == 0 || status == -SIGKILL));
  }

  Dice dice_;
  const TemporaryDirectory directory_;
  const std::string path_ = directory_ / "storage";
  const Busy busy_;
  std::uint32_t writers_ = 0;
  std::vector<std::unique_ptr<HoldingProcess>> holding_;
};

// Law: bytes under a guard, a range or a snapshot never change, in whichever process they are and
// whichever process goes first; and what keeps them goes with them.
TEST_CASE("what is held never changes, whatever other processes write, drop, and die of") {
  for (std::uint64_t seed = 0; seed < scaled(60); ++seed) {
    CAPTURE(seed);
    Household household(seed, 600);
    household.write_meanwhile();
    household.kill_one();
    household.write_for_a_while();
    household.drop_all_but_one();
    household.end_last();
  }
}

}  // namespace
}  // namespace quire::test
