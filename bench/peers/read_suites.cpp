// Reading and loading entries of 100 bytes, under 64-bit numbers or under URLs.
//
// Read stores are filled in key order, without sync, brought to rest and synced once; in each round
// they are opened, read through once without being measured, and measured. Gets, absent keys, scans
// and seeks read one snapshot, except where each get looks at the newest state. Reading is timed by
// the CPU time of the reading thread, as it waits for nothing; loading, which engines do in part in
// the background, by the clock on the wall.
//
// Loads store all entries into a new store, in transactions of 10,000, without sync: in the order
// of the keys, of which LMDB is told, or in random order. The size is that of the files after
// closing.
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "peers/engines.hpp"
#include "peers/entries.hpp"
#include "peers/loops.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

namespace {

constexpr std::uint64_t gets_per_round = 100'000;
constexpr std::uint64_t seeks_per_round = 5'000;
constexpr std::uint64_t entries_per_seek = 100;
constexpr std::uint64_t scanned_entries = 1'000'000;
constexpr std::uint64_t snapshots_per_round = 100'000;
constexpr std::size_t read_value_size = 100;

/// The entries of a kind of keys, made once for all engines.
template <class Kind>
struct ReadData {
  explicit ReadData(std::uint64_t entries)
      : numbers(entries), random(Kind::of(numbers.random())), rising_numbers(numbers.random()) {
    // Of URLs the order is another than that of their numbers.
    std::vector<std::pair<typename Kind::Key, std::uint64_t>> pairs;
    pairs.reserve(entries);
    for (std::size_t at = 0; at < random.size(); ++at)
      pairs.emplace_back(random[at], rising_numbers[at]);
    std::sort(pairs.begin(), pairs.end());
    rising.reserve(entries);
    for (std::size_t at = 0; at < pairs.size(); ++at) {
      rising.push_back(std::move(pairs[at].first));
      rising_numbers[at] = pairs[at].second;
    }
  }

  Data numbers;
  std::vector<typename Kind::Key> random;
  std::vector<typename Kind::Key> rising;
  Keys rising_numbers;  ///< which the keys of rising are made of
};

template <class Kind>
const ReadData<Kind>& read_data(std::uint64_t entries) {
  static const ReadData<Kind> data(entries);
  return data;
}

template <class P, class Kind>
class ReadShare {
 public:
  ReadShare(const Setting& setting, Home home)
      : setting_(setting), home_(std::move(home)), data_(read_data<Kind>(setting.entries)) {}

  Figures run(std::uint64_t round) {
    Figures figures;
    if (wants_any({"random gets", "gets of the newest state", "absent keys", "full scan",
                   "seek and 100 entries", "snapshot begun and ended"}))
      read(round, figures);
    if (wants("sequential load"))
      load_new("sequential load", data_.rising, data_.rising_numbers, Order::rising, figures);
    if (wants("random load"))
      load_new("random load", data_.random, data_.numbers.random(), Order::random, figures);
    return figures;
  }

 private:
  using SessionOf = typename P::Session;
  using SnapshotOf = typename P::Snapshot;

  static std::string name_of(std::string_view workload) {
    return std::string(Kind::label).append(": ").append(workload);
  }
  [[nodiscard]] bool wants(std::string_view workload) const {
    return setting_.wants(name_of(workload));
  }
  [[nodiscard]] bool wants_any(std::initializer_list<std::string_view> workloads) const {
    return std::any_of(workloads.begin(), workloads.end(),
                       [&](std::string_view workload) { return wants(workload); });
  }
  [[nodiscard]] Opening opening(const std::string& directory) const {
    std::filesystem::create_directories(directory);
    return {.directory = directory,
            .entries = setting_.entries,
            .value_size = read_value_size,
            .cache_size = setting_.cache_size};
  }

  void fill() {
    {
      P peer(opening(home_.path() + "/read"));
      {
        SessionOf session(peer);
        load<P>(session, data_.rising, data_.rising_numbers, value_, Order::rising);
      }
      peer.settle();
    }
    home_.sync();
    is_filled_ = true;
  }

  void read(std::uint64_t round, Figures& figures) {
    if (!is_filled_) fill();
    P peer(opening(home_.path() + "/read"));
    SessionOf session(peer);
    {
      SnapshotOf snapshot(session);
      static_cast<void>(sum_of_scan<Kind>(snapshot));
      read_snapshot(snapshot, round, figures);
    }
    if (wants("gets of the newest state")) {
      const auto keys = Kind::of(data_.numbers.hits(round, gets_per_round));
      figures.push_back(gets("gets of the newest state", session, keys));
    }
    if (wants("snapshot begun and ended")) figures.push_back(snapshots(session));
  }

  void read_snapshot(SnapshotOf& snapshot, std::uint64_t round, Figures& figures) {
    if (wants("random gets")) {
      const auto keys = Kind::of(data_.numbers.hits(round, gets_per_round));
      figures.push_back(gets("random gets", snapshot, keys));
    }
    if (wants("absent keys")) {
      const auto keys = Kind::of(data_.numbers.misses(round, gets_per_round));
      figures.push_back(gets("absent keys", snapshot, keys));
    }
    if (wants("full scan")) figures.push_back(scans(snapshot));
    if (wants("seek and 100 entries")) figures.push_back(seeks(snapshot, round));
  }

  /// As many times as it takes to read so many entries: one pass over a small store is too short a
  /// time to tell engines apart.
  Figure scans(SnapshotOf& snapshot) {
    const std::uint64_t passes = std::max<std::uint64_t>(scanned_entries / setting_.entries, 1);
    const Meter meter(home_);
    std::uint64_t sum = 0;
    for (std::uint64_t pass = 0; pass < passes; ++pass) sum += sum_of_scan<Kind>(snapshot);
    return meter.stop(name_of("full scan"), "entry", passes * setting_.entries, Clock::cpu, sum);
  }

  template <class Key>
  Figure gets(std::string_view workload, auto& reader, const std::vector<Key>& keys) {
    const Meter meter(home_);
    const std::uint64_t sum = sum_of_gets(reader, keys);
    Figure figure = meter.stop(name_of(workload), "get", keys.size(), Clock::cpu, sum);
    figure.latencies = get_latencies(reader, keys);
    return figure;
  }

  Figure seeks(SnapshotOf& snapshot, std::uint64_t round) {
    const auto keys = Kind::of(data_.numbers.misses(round, seeks_per_round));
    const Meter meter(home_);
    std::uint64_t sum = 0;
    for (const auto& key : keys) {
      snapshot.scan(key, entries_per_seek, [&](const auto& found, Bytes value) {
        sum += Kind::sum(found) ^ front_of(value.data());
      });
    }
    return meter.stop(name_of("seek and 100 entries"), "seek", keys.size(), Clock::cpu, sum);
  }

  Figure snapshots(SessionOf& session) {
    const Meter meter(home_);
    for (std::uint64_t count = 0; count < snapshots_per_round; ++count)
      const SnapshotOf snapshot(session);
    return meter.stop(name_of("snapshot begun and ended"), "snapshot", snapshots_per_round,
                      Clock::cpu, snapshots_per_round);
  }

  template <class Key>
  void load_new(std::string_view workload, const std::vector<Key>& keys, const Keys& numbers,
                Order order, Figures& figures) {
    const Home home(setting_.directory, "load-" + std::string(P::name));
    std::optional<Meter> meter;
    {
      P peer(opening(home.path()));
      SessionOf session(peer);
      meter.emplace(home);
      load<P>(session, keys, numbers, value_, order);
      figures.push_back(meter->stop(name_of(workload), "put", keys.size(), Clock::wall, 0));
      SnapshotOf snapshot(session);
      figures.back().sample.sum = sum_of_scan<Kind>(snapshot);
    }
    meter->settle(figures.back());
    figures.push_back(size_figure(name_of(workload).append(", files"), home.size()));
  }

  const Setting& setting_;
  Home home_;
  const ReadData<Kind>& data_;
  ValueSource value_{read_value_size};
  bool is_filled_ = false;
};

template <class P>
using NumberShare = ReadShare<P, NumberKeys>;
template <class P>
using UrlShare = ReadShare<P, UrlKeys>;

}  // namespace

Suite number_suite(const Setting& setting) {
  return make_suite<NumberShare, std::uint64_t>(setting, "u64");
}

Suite url_suite(const Setting& setting) {
  return make_suite<UrlShare, std::string>(setting, "URL");
}

}  // namespace bench::peers
