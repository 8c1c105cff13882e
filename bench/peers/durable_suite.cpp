// Commits that wait for the disk, on a churned file: scattered keys overwritten by values that the
// store never held, some of them in each commit, by one thread or by several at once.
//
// The store is filled without sync and churned: a quarter of its keys overwritten in commits of
// 256. In each round it is opened to be durable. Threads that commit are scheduled in real time,
// where that is permitted (RealTime). All values are read back after the clock was stopped.
#include <array>
#include <span>
#include <string>
#include <utility>

#include "peers/engines.hpp"
#include "peers/entries.hpp"
#include "peers/loops.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

namespace {

constexpr std::size_t durable_value_size = 100;
constexpr std::size_t churn_batch = 256;
constexpr std::uint64_t first_of_round = std::uint64_t{1} << 32;  ///< a version that no other has

struct CommitKind {
  std::string_view name;
  std::uint64_t commits;  ///< of all threads
  std::uint64_t keys_each;
  std::size_t threads;
};

constexpr std::array commit_kinds = {CommitKind{"durable: commit of 1 key", 200, 1, 1},
                                     CommitKind{"durable: commit of 16 keys", 100, 16, 1},
                                     CommitKind{"durable: commit of 256 keys", 30, 256, 1},
                                     CommitKind{"durable: commit of 4096 keys", 6, 4096, 1},
                                     CommitKind{"durable: 1 key, 2 threads", 200, 1, 2},
                                     CommitKind{"durable: 1 key, 4 threads", 400, 1, 4},
                                     CommitKind{"durable: 1 key, 8 threads", 800, 1, 8}};

template <class P>
class DurableShare {
 public:
  DurableShare(const Setting& setting, Home home)
      : setting_(setting), home_(std::move(home)), data_(setting.entries) {}

  Figures run(std::uint64_t round) {
    if (std::none_of(commit_kinds.begin(), commit_kinds.end(),
                     [&](const CommitKind& kind) { return setting_.wants(kind.name); }))
      return {};
    if (!is_filled_) fill();
    Figures figures;
    P peer(opening(Sync::each_commit));
    commit_first(peer, round);
    for (std::size_t index = 0; index < commit_kinds.size(); ++index) {
      const CommitKind& kind = commit_kinds.at(index);
      // No two commits of a key have the same version.
      const std::uint64_t version = round * commit_kinds.size() + index + 1;
      if (setting_.wants(kind.name)) figures.push_back(commit_all(peer, kind, version));
    }
    return figures;
  }

 private:
  [[nodiscard]] Opening opening(Sync sync) const {
    return {.directory = home_.path(),
            .sync = sync,
            .entries = setting_.entries,
            .value_size = durable_value_size,
            .cache_size = setting_.cache_size};
  }

  void fill() {
    {
      P peer(opening(Sync::off));
      {
        typename P::Session session(peer);
        ValueSource value(durable_value_size);
        load<P>(session, data_.sorted(), data_.sorted(), value, Order::rising);
        churn(session, value);
      }
      peer.settle();
    }
    home_.sync();
    is_filled_ = true;
  }

  void churn(typename P::Session& session, ValueSource& value) const {
    const Keys keys = data_.scattered(0, data_.random().size() / 4);
    for (std::size_t begin = 0; begin < keys.size(); begin += churn_batch) {
      typename P::Edit edit(session);
      const std::size_t end = std::min(begin + churn_batch, keys.size());
      for (std::size_t at = begin; at < end; ++at) edit.put(keys[at], value(keys[at], 1));
      edit.commit();
    }
  }

  /// What an engine does once, at the first commit after an opening, is not measured.
  void commit_first(P& peer, std::uint64_t round) const {
    typename P::Session session(peer);
    ValueSource value(durable_value_size);
    const std::uint64_t key = data_.random().front();
    session.put(key, value(key, first_of_round + round));
  }

  Figure commit_all(P& peer, const CommitKind& kind, std::uint64_t version) {
    const Keys keys = data_.scattered(version, kind.commits * kind.keys_each);
    std::vector<Latencies> latencies(kind.threads);
    Figure figure;
    {
      const RealTime real_time;
      const Meter meter(home_);
      in_threads(kind.threads, [&](std::size_t thread) {
        commit_some(peer, kind, keys, version, thread, latencies[thread]);
      });
      figure = meter.stop(std::string(kind.name), "commit", kind.commits, Clock::wall, 0);
    }
    typename P::Session session(peer);
    figure.sample.sum = sum_of_gets(session, keys);
    for (const Latencies& of_thread : latencies)
      figure.latencies.insert(figure.latencies.end(), of_thread.begin(), of_thread.end());
    return figure;
  }

  /// Every so manieth commit, one for each thread in turn.
  static void commit_some(P& peer, const CommitKind& kind, const Keys& keys, std::uint64_t version,
                          std::size_t thread, Latencies& latencies) {
    typename P::Session session(peer);
    ValueSource value(durable_value_size);
    for (std::size_t number = thread; number < kind.commits; number += kind.threads) {
      const auto batch = std::span(keys).subspan(number * kind.keys_each, kind.keys_each);
      timed(latencies, [&] { commit(session, batch, version, value); });
    }
  }

  static void commit(typename P::Session& session, std::span<const std::uint64_t> keys,
                     std::uint64_t version, ValueSource& value) {
    if (keys.size() == 1) {
      session.put(keys.front(), value(keys.front(), version + 1));
      return;
    }
    typename P::Edit edit(session);
    for (const std::uint64_t key : keys) edit.put(key, value(key, version + 1));
    edit.commit();
  }

  const Setting& setting_;
  Home home_;
  Data data_;
  bool is_filled_ = false;
};

}  // namespace

Suite durable_suite(const Setting& setting) {
  return make_suite<DurableShare, std::uint64_t, true>(setting, "durable");
}

}  // namespace bench::peers
