// What the disk has to be asked for: stores that are not in memory, and stores that were left open
// by a process that was killed. Values of 1,000 bytes under 64-bit numbers.
//
// Cold gets: the system has forgotten the files of a store with twice as many entries as others;
// random gets, by the clock on the wall. Larger than
// memory: the same by a process in a control group that has a quarter of what the entries take, 64
// MiB at least, and a quarter of that for the cache of an engine that has one. An engine that is
// killed for want of memory has no figure. The same 100 at once, where an engine can look keys up
// together.
//
// Opening after kill -9: a process stores all entries without sync in transactions of 10,000, and
// is killed. What is timed is the opening with the first get; then all entries must be there.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "peers/engines.hpp"
#include "peers/entries.hpp"
#include "peers/job.hpp"
#include "peers/loops.hpp"
#include "peers/memory_group.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

namespace {

constexpr std::string_view cold_gets = "cold: random gets";
constexpr std::string_view limited_gets = "larger than memory: random gets";
constexpr std::string_view cold_many = "cold: random gets, 100 at once";
constexpr std::string_view limited_many = "larger than memory: random gets, 100 at once";
constexpr std::string_view opening_after_kill = "open: after kill -9, with the first get";
constexpr std::uint64_t cold_gets_per_round = 10'000;
constexpr std::uint64_t smallest_memory = std::uint64_t{64} << 20;

template <class P>
class ColdShare {
 public:
  ColdShare(const Setting& setting, Home home)
      : setting_(setting),
        home_(std::move(home)),
        entries_(2 * setting.entries),
        memory_(std::max(smallest_memory, entries_ * job_value_size / 4)) {}

  Figures run(std::uint64_t round) {
    const auto wants = [&](auto... workloads) { return (setting_.wants(workloads) || ...); };
    if (!wants(cold_gets, cold_many, limited_gets, limited_many)) return {};
    if (round == 1) fill();
    Figures figures;
    if (wants(cold_gets)) gets(cold_gets, "gets", round, {}, figures);
    if (wants(cold_many)) gets(cold_many, "many gets", round, {}, figures);
    if (!wants(limited_gets, limited_many)) return figures;
    if (const auto group = MemoryGroup::make(memory_)) {
      if (wants(limited_gets)) gets(limited_gets, "gets", round, group->path(), figures);
      if (wants(limited_many)) gets(limited_many, "many gets", round, group->path(), figures);
    }
    return figures;
  }

 private:
  void fill() {
    const Data data(entries_);
    ValueSource value(job_value_size);
    {
      P peer({.directory = home_.path(),
              .entries = entries_,
              .value_size = job_value_size,
              .cache_size = setting_.cache_size});
      {
        typename P::Session session(peer);
        load<P>(session, data.sorted(), data.sorted(), value, Order::rising);
      }
      peer.settle();
    }
    home_.sync();
  }

  void gets(std::string_view workload, const char* kind, std::uint64_t round,
            const std::string& group, Figures& figures) {
    const std::uint64_t count = setting_.scaled(cold_gets_per_round, 200);
    const std::uint64_t cache = group.empty() ? setting_.cache_size : memory_ / 4;
    home_.evict();
    const auto sample = run_in_child({.kind = kind,
                                      .engine = std::string(P::name),
                                      .directory = home_.path(),
                                      .entries = entries_,
                                      .operations = count,
                                      .round = round,
                                      .cache_size = cache,
                                      .group = group});
    if (!sample) return;
    figures.push_back({.workload = std::string(workload),
                       .unit = "get",
                       .operations = static_cast<double>(count),
                       .sample = *sample,
                       .totals = {}});
  }

  const Setting& setting_;
  Home home_;
  std::uint64_t entries_;
  std::uint64_t memory_;  ///< bytes that a process has where the store is larger
};

template <class P>
class KilledShare {
 public:
  KilledShare(const Setting& setting, Home home) : setting_(setting), home_(std::move(home)) {}

  Figures run(std::uint64_t) {
    if (!setting_.wants(opening_after_kill)) return {};
    home_.clear();
    const auto measured = run_in_child({.kind = "fill",
                                        .engine = std::string(P::name),
                                        .directory = home_.path(),
                                        .entries = setting_.entries,
                                        .cache_size = setting_.cache_size});
    if (measured) fail_in(P::name, "filling", "the process was not killed");
    const std::uint64_t first = Data(1).random().front();
    const Meter meter(home_);
    P peer({.directory = home_.path(),
            .entries = setting_.entries,
            .value_size = job_value_size,
            .cache_size = setting_.cache_size});
    typename P::Session session(peer);
    if (!session.get(first, [](Bytes) {})) fail_in(P::name, "opening", "the first entry is gone");
    Figure figure = meter.stop(std::string(opening_after_kill), "opening", 1, Clock::wall, 0);
    typename P::Snapshot snapshot(session);
    figure.sample.sum = sum_of_scan<NumberKeys>(snapshot);
    return {figure};
  }

 private:
  const Setting& setting_;
  Home home_;
};

}  // namespace

Suite cold_suite(const Setting& setting) {
  return make_suite<ColdShare, std::uint64_t>(setting, "cold");
}

Suite killed_suite(const Setting& setting) {
  return make_suite<KilledShare, std::uint64_t>(setting, "killed");
}

}  // namespace bench::peers
