// Values of 64 KiB under 64-bit numbers: 4,000 of them for a million entries, random bytes.
//
// They are put in random order into a new store, ten to a transaction, without sync; the store is
// opened again and got from once without being measured, and then in random order, each value read
// in full. Both by the clock on the wall.
#include <optional>
#include <string>
#include <utility>

#include "peers/engines.hpp"
#include "peers/entries.hpp"
#include "peers/loops.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

namespace {

constexpr std::size_t large_value_size = std::size_t{64} << 10;
constexpr std::uint64_t large_values = 4'000;
constexpr std::uint64_t large_batch = 10;
constexpr std::string_view large_put = "64 KiB: put";
constexpr std::string_view large_get = "64 KiB: get";

template <class P>
class LargeShare {
 public:
  LargeShare(const Setting& setting, Home home)
      : setting_(setting),
        home_(std::move(home)),
        keys_(Data(setting.scaled(large_values, large_batch)).random()) {}

  Figures run(std::uint64_t round) {
    if (!setting_.wants(large_put) && !setting_.wants(large_get)) return {};
    home_.clear();
    Figures figures = {put()};
    figures.push_back(size_figure("64 KiB: put, files", home_.size()));
    figures.push_back(get(round));
    return figures;
  }

 private:
  [[nodiscard]] Opening opening() const {
    return {.directory = home_.path(),
            .entries = keys_.size(),
            .value_size = large_value_size,
            .cache_size = setting_.cache_size};
  }

  Figure put() {
    std::optional<Meter> meter;
    Figure figure;
    {
      P peer(opening());
      typename P::Session session(peer);
      meter.emplace(home_);
      const std::uint64_t sum = put_all(session);
      figure = meter->stop(std::string(large_put), "put", keys_.size(), Clock::wall, sum);
    }
    meter->settle(figure);
    return figure;
  }

  std::uint64_t put_all(typename P::Session& session) {
    std::uint64_t sum = 0;
    for (std::size_t begin = 0; begin < keys_.size(); begin += large_batch) {
      typename P::Edit edit(session);
      const std::size_t end = std::min<std::size_t>(begin + large_batch, keys_.size());
      for (std::size_t at = begin; at < end; ++at) {
        edit.put(keys_[at], value_(keys_[at], 0));
        sum += keys_[at];
      }
      edit.commit();
    }
    return sum;
  }

  Figure get(std::uint64_t round) {
    P peer(opening());
    typename P::Session session(peer);
    typename P::Snapshot snapshot(session);
    static_cast<void>(sum_of_gets(snapshot, keys_));
    const Meter meter(home_);
    std::uint64_t sum = 0;
    for (std::uint64_t number = 0; number < keys_.size(); ++number) {
      snapshot.get(keys_[mix(number ^ mix(round)) % keys_.size()],
                   [&](Bytes value) { sum += sum_of_all(value); });
    }
    return meter.stop(std::string(large_get), "get", keys_.size(), Clock::wall, sum);
  }

  const Setting& setting_;
  Home home_;
  Keys keys_;
  ValueSource value_{large_value_size};
};

}  // namespace

Suite large_value_suite(const Setting& setting) {
  return make_suite<LargeShare, std::uint64_t>(setting, "64 KiB");
}

}  // namespace bench::peers
