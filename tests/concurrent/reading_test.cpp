// Readers in several threads while a writer churns and the file grows.
//
// Every value names its key and the round in which it was written, and says so in every byte; each
// round writes an entry of its own to a second table. So one look at a state tells whether it is
// one state, whole, and unchanged since.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "quire/engine/database.hpp"
#include "quire/engine/file/memory_file.hpp"
#include "support/model_material.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t key_count = 300;

std::string key_of(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(6 - digits.size(), '0') + digits;
}

/// Key and round, then a byte that follows from both, as often as the value is long.
std::string value_of(std::uint64_t key, std::uint64_t round, std::size_t size) {
  std::string value(16 + size, static_cast<char>(key * 31 + round));
  std::memcpy(value.data(), &key, 8);
  std::memcpy(value.data() + 8, &round, 8);
  return value;
}

struct Origin {
  std::uint64_t key = 0;
  std::uint64_t round = 0;
};

/// What a value says of itself; nothing when its bytes contradict it.
std::optional<Origin> origin_of(Bytes value) {
  Origin origin;
  if (value.size() < 16) return std::nullopt;
  std::memcpy(&origin.key, value.data(), 8);
  std::memcpy(&origin.round, value.data() + 8, 8);
  const auto filler = static_cast<std::byte>(origin.key * 31 + origin.round);
  for (const std::byte byte : value.subspan(16))
    if (byte != filler) return std::nullopt;
  return origin;
}

/// The database that all threads share. Table "t" is churned, table "rounds" grows.
class Shared {
 public:
  Shared() {
    options_.file_system = &files_;
    options_.durability = Durability::buffered;
    options_.checkpoint_after = 8;
    options_.poison_free_pages = true;
    options_.sync_after = 64 * options_.page_size;
    options_.memory_budget = 64 * options_.page_size;
    database_.emplace(Database::open("shared", options_).value());
    WriteTransaction txn = database_->begin_write().value();
    churned_ = txn.create_table("t", {}).value();
    rounds_ = txn.create_table("rounds", {}).value();
    for (std::uint64_t key = 0; key < key_count; ++key) put(txn, key, 0, 40);
    put_round(txn, 0);
    static_cast<void>(std::move(txn).commit().value());
  }

  [[nodiscard]] const Database& database() const { return *database_; }
  [[nodiscard]] TableId churned() const { return churned_; }

  /// Rewrites some entries, now and then with large values, and commits under any durability.
  void write_round(Dice& dice, std::uint64_t round) {
    WriteTransaction txn = database_->begin_write().value();
    for (std::uint64_t left = 1 + dice.below(40); left > 0; --left) {
      const std::size_t size = dice.one_in(30) ? dice.below(100'000) : dice.below(500);
      put(txn, dice.below(key_count), round, size);
    }
    put_round(txn, round);
    if (dice.one_in(10)) return;  // abandoned, and so the round leaves a gap
    const Durability durability = dice.one_in(5) ? Durability::full : Durability::buffered;
    static_cast<void>(std::move(txn).commit(durability).value());
  }

  /// Law: a state has every key once, each value is whole, and none is of a round after the newest
  /// that the state knows. Returns that round; nothing when something is wrong.
  std::optional<std::uint64_t> read_state(const Snapshot& snapshot) const {
    const TreeRoot rounds = snapshot.root(rounds_, "rounds").value().value();
    Cursor newest = snapshot.cursor(rounds);
    if (!newest.seek_last().value()) return std::nullopt;
    const std::optional<Origin> last = origin_of(newest.value().value());
    if (!last) return std::nullopt;
    Cursor cursor = snapshot.cursor(snapshot.root(churned_, "t").value().value());
    std::uint64_t count = 0;
    for (bool at = cursor.seek_first().value(); at; at = cursor.next().value()) {
      const std::optional<Origin> origin = origin_of(cursor.value().value());
      const bool is_right = origin && origin->key == count && origin->round <= last->round &&
                            as_text(cursor.key()) == key_of(count);
      if (!is_right) return std::nullopt;
      ++count;
    }
    return count == key_count ? std::optional(last->round) : std::nullopt;
  }

  /// What a whole state comes to, for finding any later change.
  std::uint64_t sum_of(const Snapshot& snapshot) const {
    std::uint64_t sum = 0;
    Cursor cursor = snapshot.cursor(snapshot.root(churned_, "t").value().value());
    for (bool at = cursor.seek_first().value(); at; at = cursor.next().value())
      for (const std::byte byte : cursor.value().value())
        sum = sum * 31 + static_cast<std::uint8_t>(byte);
    return sum;
  }

 private:
  void put(WriteTransaction& txn, std::uint64_t key, std::uint64_t round, std::size_t size) const {
    const std::string value = value_of(key, round, size);
    static_cast<void>(txn.put(churned_, "t", as_bytes(key_of(key)), as_bytes(value)).value());
  }
  void put_round(WriteTransaction& txn, std::uint64_t round) const {
    const std::string value = value_of(0, round, 30);
    static_cast<void>(txn.put(rounds_, "rounds", as_bytes(key_of(round)), as_bytes(value)).value());
  }

  MemoryFileSystem files_;
  Options options_;
  std::optional<Database> database_;
  TableId churned_;
  TableId rounds_;
};

/// Threads that read until the writer is done; each counts what it found wrong.
class ReaderThreads {
 public:
  template <class Read>
  ReaderThreads(int count, Read read) {
    for (int number = 0; number < count; ++number) {
      threads_.emplace_back([this, number, read] {
        Dice dice(static_cast<std::uint64_t>(number) + 1);
        while (!is_over_) {
          if (!read(dice)) ++wrong_;
          ++looks_;
        }
      });
    }
  }

  /// Writes rounds until there are so many and every kind of reader had its turn.
  void write(Shared& shared, std::uint64_t rounds) {
    Dice dice(99);
    const std::uint64_t enough = 10 * threads_.size();
    for (std::uint64_t round = 1; round < 900'000; ++round) {
      if (round > rounds && looks_ >= enough) break;
      shared.write_round(dice, round);
    }
    is_over_ = true;
    threads_.clear();
  }

  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
  [[nodiscard]] std::uint64_t looks() const { return looks_; }

 private:
  std::atomic<bool> is_over_ = false;
  std::atomic<std::uint64_t> wrong_ = 0;
  std::atomic<std::uint64_t> looks_ = 0;
  std::vector<std::jthread> threads_;
};

void require_sound(const Shared& shared) {
  const CheckReport report = shared.database().check().value();
  for (const Finding& finding : report.findings) MESSAGE(finding.text);
  REQUIRE(report.is_clean());
}

TEST_CASE("every snapshot is one whole state, and states never go back") {
  Shared shared;
  const std::uint64_t first_pages = shared.database().statistics().value().page_count;
  ReaderThreads readers(3, [&](Dice&) {
    thread_local std::uint64_t newest = 0;
    const Snapshot snapshot = shared.database().snapshot().value();
    const std::optional<std::uint64_t> round = shared.read_state(snapshot);
    if (!round || *round < newest) return false;
    newest = *round;
    return true;
  });
  readers.write(shared, scaled(2000));
  CHECK(readers.wrong() == 0);
  CHECK(readers.looks() >= 30);
  CHECK(shared.database().statistics().value().page_count > first_pages);
  require_sound(shared);
}

// Law: what is read under a snapshot stays as it was, byte for byte, however long it is held.
TEST_CASE("bytes under a held snapshot never change") {
  Shared shared;
  struct Held {
    Snapshot snapshot;
    std::uint64_t sum;
  };
  ReaderThreads readers(3, [&](Dice& dice) {
    thread_local std::vector<Held> held;
    bool is_same = true;
    for (const Held& one : held) is_same = is_same && shared.sum_of(one.snapshot) == one.sum;
    if (held.size() < 4) {
      Snapshot snapshot = shared.database().snapshot().value();
      const std::uint64_t sum = shared.sum_of(snapshot);
      held.push_back({std::move(snapshot), sum});
    } else if (dice.one_in(3)) {
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(dice.below(held.size())));
    }
    return is_same;
  });
  readers.write(shared, scaled(1500));
  CHECK(readers.wrong() == 0);
  require_sound(shared);
}

/// Pinned values that threads pass to each other.
class Exchange {
 public:
  /// Puts a value into a place and takes out what was there.
  std::optional<PinnedValue> swap(std::size_t place, std::optional<PinnedValue> value) {
    const std::scoped_lock lock(mutex_);
    std::swap(places_[place % places_.size()], value);
    return value;
  }

 private:
  std::mutex mutex_;
  std::array<std::optional<PinnedValue>, 8> places_;
};

// Law: a guard's bytes stay what they were, whichever thread holds it and lets it go.
TEST_CASE("guards keep their bytes while they go from thread to thread") {
  Shared shared;
  Exchange exchange;
  ReaderThreads readers(3, [&](Dice& dice) {
    const std::string key = key_of(dice.below(key_count));
    auto value = shared.database().get(shared.churned(), "t", as_bytes(key)).value();
    if (!value || !origin_of(value->bytes)) return false;
    const std::optional<PinnedValue> other = exchange.swap(dice.below(8), std::move(value));
    return !other || origin_of(other->bytes).has_value();
  });
  readers.write(shared, scaled(1500));
  CHECK(readers.wrong() == 0);
  require_sound(shared);
}

TEST_CASE("writers in several threads take turns and lose nothing") {
  Shared shared;
  constexpr std::uint64_t writers = 4;
  const std::uint64_t rounds = scaled(2000);
  std::latch start(writers);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t number = 0; number < writers; ++number) {
      threads.emplace_back([&, number] {
        start.arrive_and_wait();
        for (std::uint64_t round = 0; round < rounds; ++round) {
          Result<WriteTransaction> txn = shared.database().try_begin_write();
          if (!txn) txn = shared.database().begin_write();
          const std::string key = "writer " + std::to_string(number * rounds + round);
          static_cast<void>(
              txn->put(shared.churned(), "t", as_bytes(key), as_bytes("value")).value());
          static_cast<void>(std::move(*txn).commit().value());
        }
      });
    }
  }
  const Snapshot snapshot = shared.database().snapshot().value();
  CHECK(snapshot.root(shared.churned(), "t").value()->entries == key_count + writers * rounds);
  require_sound(shared);
}

TEST_CASE("closing while others read gives them closed or what was there") {
  for (std::uint64_t round = 0; round < scaled(30); ++round) {
    CAPTURE(round);
    MemoryFileSystem files;
    Options options;
    options.file_system = &files;
    Database database = Database::open("a", options).value();
    WriteTransaction txn = database.begin_write().value();
    const TableId table = txn.create_table("t", {}).value();
    const std::string value = value_of(1, 2, 5000);
    static_cast<void>(txn.put(table, "t", as_bytes("k"), as_bytes(value)).value());
    static_cast<void>(std::move(txn).commit().value());
    std::atomic<std::uint64_t> wrong = 0;
    std::atomic<int> ready = 0;
    {
      std::vector<std::jthread> threads;
      for (int number = 0; number < 2; ++number) {
        threads.emplace_back([&, copy = database] {
          std::optional<PinnedValue> last;
          ++ready;
          while (true) {
            auto found = copy.get(table, "t", as_bytes("k"));
            if (!found) {
              if (found.error().code() != ErrorCode::closed) ++wrong;
              break;
            }
            last = *std::move(found);
          }
          if (last && !origin_of(last->bytes)) ++wrong;
        });
      }
      while (ready < 2) std::this_thread::yield();
      database.close().value();
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace quire::test
