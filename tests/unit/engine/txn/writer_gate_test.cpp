#include "quire/engine/txn/writer_gate.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

#include "support/volume.hpp"

namespace quire {
namespace {

using test::scaled;

ErrorCode code_of(const Status& status) {
  REQUIRE_FALSE(status.has_value());
  return status.error().code();
}

TEST_CASE("one thread enters once, until it has left") {
  WriterGate gate;
  gate.enter().value();
  CHECK(code_of(gate.enter()) == ErrorCode::wrong_thread);
  CHECK(code_of(gate.try_enter()) == ErrorCode::wrong_thread);
  gate.leave();
  gate.try_enter().value();
  CHECK(code_of(gate.enter()) == ErrorCode::wrong_thread);
  gate.leave();
  gate.enter().value();
  gate.leave();
}

TEST_CASE("who does not want to wait is told that somebody is inside") {
  WriterGate gate;
  gate.enter().value();
  std::jthread([&] { CHECK(code_of(gate.try_enter()) == ErrorCode::busy); }).join();
  gate.leave();
  std::jthread([&] {
    gate.try_enter().value();
    gate.leave();
  }).join();
}

TEST_CASE("whoever entered may leave from another thread") {
  WriterGate gate;
  gate.enter().value();
  std::jthread([&] { gate.leave(); }).join();
  gate.enter().value();
  gate.leave();
}

// Law: one thread at a time is inside; nothing is lost of what they count there.
TEST_CASE("never two threads are inside") {
  WriterGate gate;
  std::atomic<int> inside = 0;
  std::size_t counted = 0;  // guarded by the gate alone
  const std::size_t rounds = scaled(2000);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 6; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t round = 0; round < rounds; ++round) {
          const bool waits = (static_cast<std::size_t>(thread) + round) % 3 != 0;
          const Status entered = waits ? gate.enter() : gate.try_enter();
          if (!entered) {
            REQUIRE(entered.error().code() == ErrorCode::busy);
            gate.enter().value();
          }
          REQUIRE(inside.fetch_add(1) == 0);
          ++counted;
          inside.fetch_sub(1);
          gate.leave();
        }
      });
    }
  }
  CHECK(counted == 6 * rounds);
}

// Law: those who wait enter in the order in which they came.
TEST_CASE("waiting threads enter in the order of their arrival") {
  constexpr std::uint64_t thread_count = 5;
  for (std::size_t round = 0; round < scaled(50); ++round) {
    WriterGate gate;
    std::vector<std::uint64_t> order;  // guarded by the gate alone
    gate.enter().value();
    std::vector<std::jthread> threads;
    for (std::uint64_t number = 0; number < thread_count; ++number) {
      threads.emplace_back([&, number] {
        gate.enter().value();
        order.push_back(number);
        gate.leave();
      });
      // This thread is inside, so that whoever has come is waiting.
      while (gate.queued() != number + 2) std::this_thread::yield();
    }
    gate.leave();
    threads.clear();
    CHECK(order == std::vector<std::uint64_t>{0, 1, 2, 3, 4});
    CHECK(gate.queued() == 0);
  }
}

// Law: who has waited long enough is told so, and no longer stands in anybody's way.
TEST_CASE("who waits only so long leaves the queue") {
  WriterGate gate;
  std::vector<int> order;  // guarded by the gate alone
  gate.enter().value();
  CHECK(code_of(gate.enter_for(std::chrono::hours(1))) == ErrorCode::wrong_thread);
  const auto wait_behind = [&](int number) {
    return std::jthread([&, number] {
      gate.enter_for(std::chrono::nanoseconds::max()).value();
      order.push_back(number);
      gate.leave();
    });
  };
  {
    const std::jthread first = wait_behind(1);
    while (gate.queued() != 2) std::this_thread::yield();
    for (const auto timeout : {std::chrono::milliseconds(-1), std::chrono::milliseconds(2)}) {
      std::jthread([&] { CHECK(code_of(gate.enter_for(timeout)) == ErrorCode::busy); }).join();
      CHECK(gate.queued() == 2);
    }
    const std::jthread second = wait_behind(2);
    while (gate.queued() != 3) std::this_thread::yield();
    gate.leave();
  }
  CHECK(order == std::vector<int>{1, 2});
  CHECK(gate.queued() == 0);
}

// Law: who ends something waits for those in passing, however many, and for no transaction.
TEST_CASE("who comes after those in passing is told only of a transaction") {
  WriterGate gate;
  std::optional<Status> entered;
  std::atomic<bool> is_answered = false;
  const auto come = [&] {
    return std::jthread([&] {
      entered = gate.enter_here_after_passing();
      is_answered = true;
      if (*entered) gate.leave();
    });
  };
  const auto pass = [&] { return gate.enter_in_passing(std::chrono::hours(1)); };
  SUBCASE("of nobody") {
    pass().value();
    std::jthread next;
    {
      const std::jthread coming = come();
      while (gate.queued() < 2 && !is_answered) std::this_thread::yield();
      next = std::jthread([&] {
        pass().value();
        gate.leave();
      });
      gate.leave();
    }
    CHECK(entered.value().has_value());
  }
  SUBCASE("of one that is open") {
    gate.enter().value();
    come().join();
    CHECK(code_of(entered.value()) == ErrorCode::busy);
    gate.leave();
  }
  SUBCASE("of one that was before it in the queue") {
    pass().value();
    std::binary_semaphore may_end(0);
    const std::jthread writer([&] {
      gate.enter().value();
      may_end.acquire();
      gate.leave();
    });
    while (gate.queued() < 2) std::this_thread::yield();
    {
      const std::jthread coming = come();
      while (gate.queued() < 3 && !is_answered) std::this_thread::yield();
      gate.leave();
    }
    CHECK(code_of(entered.value()) == ErrorCode::busy);
    may_end.release();
  }
}

// Law: who waits, or comes later, hears that the gate is closed.
TEST_CASE("all who wait at a gate that closes are told so") {
  WriterGate gate;
  gate.enter().value();
  {
    std::vector<std::jthread> waiters;
    for (std::uint64_t number = 0; number < 3; ++number) {
      waiters.emplace_back([&, number] {
        const Status entered = number == 1 ? gate.enter_for(std::chrono::hours(1)) : gate.enter();
        CHECK(code_of(entered) == ErrorCode::closed);
      });
      while (gate.queued() != number + 2) std::this_thread::yield();
    }
    gate.close();
  }
  CHECK(code_of(gate.enter()) == ErrorCode::closed);
  CHECK(code_of(gate.try_enter()) == ErrorCode::closed);
}

}  // namespace
}  // namespace quire
