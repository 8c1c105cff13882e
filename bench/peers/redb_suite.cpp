// The benchmark that redb publishes (its benches/lmdb_benchmark.rs and the table in its README),
// with the same data: 24-byte keys and 150-byte values from fastrand's generator with seed 3, five
// million in one transaction, then 1,000 durable commits of one, 100 of 1,000, reads and short
// range reads twice, reads of everything by 4 to 32 threads, removal of one half, and the sizes
// before and after compaction. The counts are those for a million --entries, and in proportion for
// others.
//
// It differs in this: the commits of the bulk load are durable for every engine, as all are here;
// of values all of the first eight bytes count, not one; sizes are blocks on the disk, as LMDB's
// file has a hole as large as its map where that is writable. Phases that redb added to its program
// after the table (nosync writes, retain, extract_if, pop, sorted inserts) are left out.
#include <array>
#include <string>
#include <utility>

#include "peers/engines.hpp"
#include "peers/entries.hpp"
#include "peers/loops.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

namespace {

constexpr std::size_t redb_key_size = 24;
constexpr std::size_t redb_value_size = 150;
constexpr std::uint64_t redb_seed = 3;
constexpr std::uint64_t scan_length = 10;
constexpr std::uint64_t redb_cache_size = std::uint64_t{4} << 30;  ///< bytes, as there

/// Each needs those before it.
constexpr std::array<std::string_view, 16> redb_phases = {"redb: bulk load",
                                                          "redb: individual writes",
                                                          "redb: batch writes",
                                                          "redb: len()",
                                                          "redb: random reads, 1st",
                                                          "redb: random reads, 2nd",
                                                          "redb: random range reads, 1st",
                                                          "redb: random range reads, 2nd",
                                                          "redb: random reads, 4 threads",
                                                          "redb: random reads, 8 threads",
                                                          "redb: random reads, 16 threads",
                                                          "redb: random reads, 32 threads",
                                                          "redb: removals",
                                                          "redb: uncompacted size",
                                                          "redb: compaction",
                                                          "redb: compacted size"};

/// What is drawn: a key and a value, in this order.
struct Pair {
  std::array<char, redb_key_size> key;
  std::array<std::byte, redb_value_size> value;

  [[nodiscard]] std::string_view key_text() const { return {key.data(), key.size()}; }
};

/// The generator of the fastrand crate: WyRand, of which the state only counts.
class FastRandom {
 public:
  explicit FastRandom(std::uint64_t pairs_before = 0)
      : state_(redb_seed + pairs_before * draws_per_pair * step) {}

  /// Valid until the next call.
  const Pair& next() noexcept {
    fill(pair_.key);
    fill(pair_.value);
    return pair_;
  }

 private:
  static constexpr std::uint64_t step = 0x2D35'8DCC'AA6C'78A5;
  static constexpr std::size_t word = sizeof(std::uint64_t);
  static constexpr std::uint64_t draws_per_pair =
      (redb_key_size + word - 1) / word + (redb_value_size + word - 1) / word;

  std::uint64_t draw() noexcept {
    __extension__ using Wide = unsigned __int128;
    state_ += step;
    const Wide product = Wide{state_} * (state_ ^ 0x8BB8'4B93'962E'ACC9);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  void fill(auto& bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size(); at += word) {
      const std::uint64_t drawn = draw();
      std::memcpy(bytes.data() + at, &drawn, std::min(word, bytes.size() - at));
    }
  }

  std::uint64_t state_;
  Pair pair_{};
};

/// How much of each.
struct RedbCounts {
  explicit RedbCounts(const Setting& setting)
      : bulk(setting.scaled(5'000'000)),
        individual(std::min<std::uint64_t>(1'000, setting.scaled(1'000))),
        batches(std::min<std::uint64_t>(100, setting.scaled(100, 2))),
        reads(std::min(bulk, setting.scaled(1'000'000))),
        scans(std::min(bulk, setting.scaled(500'000))) {}

  static constexpr std::uint64_t batch_size = 1'000;
  std::uint64_t bulk;
  std::uint64_t individual;
  std::uint64_t batches;
  std::uint64_t reads;
  std::uint64_t scans;

  [[nodiscard]] std::uint64_t all() const { return bulk + individual + batches * batch_size; }
};

template <class P>
class RedbShare {
 public:
  RedbShare(const Setting& setting, Home home)
      : setting_(setting), home_(std::move(home)), counts_(setting) {}

  Figures run(std::uint64_t) {
    if (!setting_.wants_any(redb_phases)) return {};
    home_.clear();
    figures_.clear();
    P peer({.directory = home_.path(),
            .sync = Sync::each_commit,
            .entries = counts_.all(),
            .value_size = redb_value_size,
            .cache_size = std::max(setting_.cache_size, redb_cache_size)});
    {
      typename P::Session session(peer);
      write(session);
      typename P::Snapshot snapshot(session);
      read(snapshot);
    }
    for (const std::size_t threads : {4U, 8U, 16U, 32U}) read_in_threads(peer, threads);
    remove_half(peer);
    figures_.push_back(size_figure("redb: uncompacted size", home_.size()));
    compact(peer);
    figures_.push_back(size_figure("redb: compacted size", home_.size()));
    return figures_;
  }

 private:
  void add(const Meter& meter, std::string workload, std::string unit, std::uint64_t operations,
           std::uint64_t sum) {
    figures_.push_back(
        meter.stop(std::move(workload), std::move(unit), operations, Clock::wall, sum));
  }

  /// So many pairs in one transaction.
  static void write_pairs(typename P::Session& session, FastRandom& random, std::uint64_t count) {
    typename P::Edit edit(session);
    for (std::uint64_t number = 0; number < count; ++number) {
      const Pair& pair = random.next();
      edit.put(pair.key_text(), pair.value);
    }
    edit.commit();
  }

  void write(typename P::Session& session) {
    FastRandom random;
    {
      const Meter meter(home_);
      write_pairs(session, random, counts_.bulk);
      add(meter, "redb: bulk load", "put", counts_.bulk, counts_.bulk);
    }
    const RealTime real_time;
    {
      const Meter meter(home_);
      for (std::uint64_t number = 0; number < counts_.individual; ++number)
        write_pairs(session, random, 1);
      add(meter, "redb: individual writes", "commit", counts_.individual, counts_.individual);
    }
    const Meter meter(home_);
    for (std::uint64_t number = 0; number < counts_.batches; ++number)
      write_pairs(session, random, RedbCounts::batch_size);
    add(meter, "redb: batch writes", "commit", counts_.batches, counts_.batches);
  }

  void read(typename P::Snapshot& snapshot) {
    {
      const Meter meter(home_);
      const std::uint64_t count = snapshot.count();
      add(meter, "redb: len()", "call", 1, count);
    }
    for (const char* const time : {"1st", "2nd"}) {
      const Meter meter(home_);
      const std::uint64_t sum = sum_of_reads(snapshot, 0, counts_.reads);
      add(meter, std::string("redb: random reads, ") + time, "get", counts_.reads, sum);
    }
    for (const char* const time : {"1st", "2nd"}) {
      FastRandom random;
      const Meter meter(home_);
      std::uint64_t sum = 0;
      for (std::uint64_t number = 0; number < counts_.scans; ++number) {
        snapshot.scan(random.next().key_text(), scan_length,
                      [&](const auto&, Bytes value) { sum += front_of(value.data()); });
      }
      add(meter, std::string("redb: random range reads, ") + time, "range", counts_.scans, sum);
    }
  }

  /// Of the pairs from a number on. What is found must be what was drawn.
  static std::uint64_t sum_of_reads(auto& reader, std::uint64_t first, std::uint64_t count) {
    FastRandom random(first);
    std::uint64_t sum = 0;
    std::uint64_t expected = 0;
    for (std::uint64_t number = 0; number < count; ++number) {
      const Pair& pair = random.next();
      reader.get(pair.key_text(), [&](Bytes value) { sum += front_of(value.data()); });
      expected += front_of(pair.value.data());
    }
    if (sum != expected) fail_in(P::name, "random reads", "other values than were stored");
    return sum;
  }

  void read_in_threads(P& peer, std::size_t threads) {
    const std::uint64_t each = counts_.all() / threads;
    std::vector<std::uint64_t> sums(threads);
    const Meter meter(home_);
    in_threads(threads, [&](std::size_t thread) {
      typename P::Session session(peer);
      typename P::Snapshot snapshot(session);
      sums[thread] = sum_of_reads(snapshot, thread * each, each);
    });
    std::uint64_t sum = 0;
    for (const std::uint64_t of_thread : sums) sum += of_thread;
    add(meter, "redb: random reads, " + std::to_string(threads) + " threads", "get", each * threads,
        sum);
  }

  void remove_half(P& peer) {
    typename P::Session session(peer);
    FastRandom random;
    const std::uint64_t count = counts_.all() / 2;
    const Meter meter(home_);
    typename P::Edit edit(session);
    for (std::uint64_t number = 0; number < count; ++number) edit.erase(random.next().key_text());
    edit.commit();
    add(meter, "redb: removals", "removal", count, 0);
    figures_.back().sample.sum = typename P::Snapshot(session).count();
  }

  void compact(P& peer) {
    const Meter meter(home_);
    peer.compact();
    add(meter, "redb: compaction", "file", 1, 0);
    typename P::Session session(peer);
    figures_.back().sample.sum = typename P::Snapshot(session).count();
  }

  const Setting& setting_;
  Home home_;
  RedbCounts counts_;
  Figures figures_;
};

}  // namespace

Suite redb_suite(const Setting& setting) {
  return make_suite<RedbShare, std::string, true>(setting, "redb");
}

}  // namespace bench::peers
