#include "quire/engine/mvcc/reader_registry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <map>
#include <new>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "unit/engine/mvcc/states.hpp"

namespace quire::test {
namespace {

/// A registry for one test, with states that are published at will.
class Readers {
 public:
  explicit Readers(std::uint32_t slots = 8) : registry_(&ReaderRegistry::acquire(slots)) {}
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers() {
    registry_->retire(nullptr);
    registry_->abandon();
  }

  void publish(std::uint64_t txn) {
    publication_.publish(publication_.set_written(state_of({txn})));
  }
  [[nodiscard]] Result<ReaderRegistry::PinnedState> try_pin() {
    return registry_->pin(publication_);
  }
  [[nodiscard]] Pin pin() {
    ReaderRegistry::PinnedState pinned = try_pin().value();
    REQUIRE(is_whole(*pinned.state));
    REQUIRE(pinned.pin.txn() == pinned.state->txn);
    return std::move(pinned.pin);
  }
  /// The same without looking at the state, for many threads at once.
  [[nodiscard]] Pin pin_quickly() { return std::move(try_pin().value().pin); }
  /// What the writer sees, each transaction once.
  [[nodiscard]] std::vector<std::uint64_t> pinned() {
    std::vector<TxnId> pins;
    registry_->collect(pins);
    std::sort(pins.begin(), pins.end());
    pins.erase(std::unique(pins.begin(), pins.end()), pins.end());
    std::vector<std::uint64_t> txns;
    for (const TxnId pin : pins) txns.push_back(pin.value);
    return txns;
  }
  [[nodiscard]] ReaderRegistry& registry() { return *registry_; }
  [[nodiscard]] const Publication& publication() const { return publication_; }

 private:
  ReaderRegistry* registry_;
  Publication publication_{state_of({1})};
};

using Txns = std::vector<std::uint64_t>;

// Law: memory that reads as zero is a new block, and its slots are new ones; so nobody has to touch
// all of it.
TEST_CASE("a new control block is all zeros") {
  constexpr std::size_t size = ControlBlock::size_with(3);
  alignas(ReaderSlot) std::array<std::byte, size> room{};
  const auto new_slots = std::span(room).subspan<sizeof(ControlBlock)>();
  static_assert(new_slots.size() == 3 * sizeof(ReaderSlot));
  new (room.data()) ControlBlock{};
  for (std::size_t at = 0; at < new_slots.size(); at += sizeof(ReaderSlot))
    new (&new_slots[at]) ReaderSlot{};
  CHECK(std::ranges::count(room, std::byte{0}) == size);
}

TEST_CASE("a pin names what was published, until it goes") {
  Readers readers;
  CHECK(readers.pinned().empty());
  std::optional<Pin> first = readers.pin();
  CHECK(first->txn() == TxnId{1});
  readers.publish(5);
  const Pin second = readers.pin();
  CHECK(second.txn() == TxnId{5});
  CHECK(readers.pinned() == Txns{1, 5});
  CHECK(readers.registry().pin_count() == 2);
  first.reset();
  CHECK(readers.pinned() == Txns{5});
  CHECK(readers.registry().pin_count() == 1);
}

TEST_CASE("a slot without pins is given up by the first look, and can be used again") {
  Readers readers;
  {
    const Pin gone = readers.pin();
  }
  readers.publish(2);
  CHECK(readers.pinned().empty());
  const Pin again = readers.pin();
  CHECK(again.txn() == TxnId{2});
  CHECK(readers.pinned() == Txns{2});
}

TEST_CASE("pins of one state share a slot, as far as its count goes") {
  Readers readers(3);
  std::vector<Pin> pins;
  for (std::uint64_t number = 0; number < SlotWord::max_count + 10; ++number)
    pins.push_back(readers.pin());
  CHECK(readers.registry().pin_count() == SlotWord::max_count + 10);
  readers.publish(2);
  const Pin other = readers.pin();
  CHECK(readers.try_pin().has_value());
  readers.publish(3);
  // Every slot has a state of its own or a full count.
  CHECK(readers.try_pin().error().code() == ErrorCode::too_many_readers);
  pins.clear();
  CHECK(readers.pin().txn() == TxnId{3});
}

TEST_CASE("shared pins keep their state when the first goes, wherever they are counted") {
  Readers readers(2);
  std::optional<Pin> first = readers.pin();
  std::vector<Pin> shared;
  // More than one slot can count, so that some are counted elsewhere.
  for (std::uint64_t number = 0; number < SlotWord::max_count + 5; ++number)
    shared.push_back((shared.empty() ? *first : shared.back()).share().value());
  readers.publish(9);
  first.reset();
  CHECK(readers.pinned() == Txns{1});
  for (const Pin& pin : shared) REQUIRE(pin.txn() == TxnId{1});
  shared.erase(shared.begin(), shared.end() - 1);
  CHECK(readers.pinned() == Txns{1});
  shared.clear();
  CHECK(readers.pinned().empty());
  CHECK(readers.registry().pin_count() == 0);
}

// Law: whatever is pinned and dropped, the writer sees exactly the states of the living pins.
TEST_CASE("the writer sees the states of all living pins and no others") {
  for (std::uint64_t seed = 0; seed < scaled(200); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Readers readers(32);
    std::vector<Pin> pins;
    std::uint64_t txn = 1;
    for (int step = 0; step < 300; ++step) {
      switch (dice.below(5)) {
        case 0: readers.publish(txn += 1 + dice.below(3)); break;
        case 1:
        case 2:
          if (auto pinned = readers.try_pin()) {
            REQUIRE(pinned->pin.txn() == TxnId{txn});
            pins.push_back(std::move(pinned->pin));
          }
          break;
        case 3:
          if (!pins.empty()) {
            auto shared = pins[dice.below(pins.size())].share();
            if (shared) pins.push_back(*std::move(shared));
          }
          break;
        default:
          if (!pins.empty())
            pins.erase(pins.begin() + static_cast<std::ptrdiff_t>(dice.below(pins.size())));
          break;
      }
      std::map<std::uint64_t, int> expected;
      for (const Pin& pin : pins) ++expected[pin.txn().value];
      Txns txns;
      for (const auto& [pinned_txn, count] : expected) txns.push_back(pinned_txn);
      REQUIRE(readers.pinned() == txns);
      REQUIRE(readers.registry().pin_count() == pins.size());
    }
  }
}

TEST_CASE("a pin may outlive its thread, whose slot is then for others") {
  Readers readers(2);
  std::vector<Pin> pins(1);
  std::jthread([&] { pins[0] = readers.pin(); }).join();
  CHECK(readers.pinned() == Txns{1});
  readers.publish(2);
  for (int round = 0; round < 20; ++round) {
    std::jthread([&] { CHECK(readers.pin().txn() == TxnId{2}); }).join();
  }
  CHECK(readers.pinned() == Txns{1});
  std::jthread([&] { pins.clear(); }).join();
  CHECK(readers.pinned().empty());
  const Pin own = readers.pin();
  std::jthread([&] { CHECK(readers.pin().txn() == TxnId{2}); }).join();
}

/// Pins when it is destroyed.
struct LatePin {
  explicit LatePin(Readers& of) : readers(of) {}
  LatePin(const LatePin&) = delete;
  LatePin& operator=(const LatePin&) = delete;
  ~LatePin() {
    const Pin pin = readers.pin_quickly();
    CHECK(pin.txn() == TxnId{1});
    CHECK(readers.pinned() == Txns{1});
  }
  Readers& readers;
};

TEST_CASE("a thread may pin as long as it has anything to destroy") {
  Readers readers;
  std::jthread([&] {
    thread_local const LatePin late(readers);  // made before the slots, so it goes after them
    CHECK(readers.pin_quickly().txn() == TxnId{1});
  }).join();
  CHECK(readers.pinned().empty());
}

/// Says when it is destroyed.
struct Resource {
  explicit Resource(std::atomic<bool>& is_gone_now) : is_gone(is_gone_now) {}
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;
  ~Resource() { is_gone = true; }
  std::atomic<bool>& is_gone;
};

TEST_CASE("what is retired lives exactly as long as a pin") {
  std::atomic<bool> is_gone = false;
  {
    ReaderRegistry& registry = ReaderRegistry::acquire(4);
    const Publication publication(state_of({1}));
    registry.retire(std::make_shared<Resource>(is_gone));
    CHECK(is_gone);
    CHECK(registry.pin(publication).error().code() == ErrorCode::closed);
    registry.abandon();
  }
  is_gone = false;
  ReaderRegistry& registry = ReaderRegistry::acquire(4);
  const Publication publication(state_of({1}));
  Pin pin = registry.pin(publication).value().pin;
  Pin shared = pin.share().value();
  registry.retire(std::make_shared<Resource>(is_gone));
  registry.abandon();
  CHECK_FALSE(is_gone);
  {
    const Pin last = std::move(pin);
  }
  CHECK_FALSE(is_gone);
  std::jthread([&] { const Pin last = std::move(shared); }).join();
  CHECK(is_gone);
}

TEST_CASE("a registry that is used again knows no pin of its former use") {
  ReaderRegistry& first = ReaderRegistry::acquire(5);
  const std::uint64_t incarnation = first.incarnation();
  const Publication publication(state_of({1}));
  {
    const Pin pin = first.pin(publication).value().pin;
  }
  first.retire(nullptr);
  first.abandon();
  ReaderRegistry& second = ReaderRegistry::acquire(5);
  CHECK(&second == &first);
  CHECK(second.incarnation() != incarnation);
  std::vector<TxnId> pins;
  second.collect(pins);
  CHECK(pins.empty());
  const Publication other(state_of({3}));
  CHECK(second.pin(other).value().pin.txn() == TxnId{3});
  second.retire(nullptr);
  second.abandon();
}

// Law: a state that a reader has pinned is among those that the writer sees, from the moment on at
// which pinning returned; else its pages would be written over.
TEST_CASE("no state is reused while a reader has it") {
  constexpr std::size_t states = 1 << 20;
  Readers readers(16);
  // By transaction: how many readers have it, and whether the writer has reused its pages.
  std::vector<std::atomic<bool>> is_reused(states);
  std::atomic<bool> is_over = false;
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < 3; ++number) {
      threads.emplace_back([&] {
        std::optional<Pin> held;
        bool has_lost = false;
        for (std::uint64_t round = 0; !is_over; ++round) {
          Pin pin = readers.pin_quickly();
          const std::uint64_t txn = pin.txn().value;
          for (int look = 0; look < 5; ++look) has_lost = has_lost || is_reused[txn].load();
          if (held) has_lost = has_lost || is_reused[held->txn().value].load();
          if (round % 5 == 0) held = std::move(pin);
        }
        REQUIRE_FALSE(has_lost);
      });
    }
    const std::uint64_t last = std::min<std::uint64_t>(states - 1, scaled(1'000'000));
    std::vector<std::uint64_t> dead;
    for (std::uint64_t txn = 2; txn <= last; ++txn) {
      dead.push_back(txn - 1);
      readers.publish(txn);
      const std::vector<std::uint64_t> pinned = readers.pinned();
      std::erase_if(dead, [&](std::uint64_t old) {
        if (std::binary_search(pinned.begin(), pinned.end(), old)) return false;
        is_reused[old] = true;
        return true;
      });
    }
    is_over = true;
  }
}

}  // namespace
}  // namespace quire::test
