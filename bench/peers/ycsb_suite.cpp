// The core workloads of YCSB, by one thread: records of ten fields of 100 bytes, a tenth as many
// operations as there are records.
//
// A: half reads, half updates. B: 95 % reads. C: reads alone. D: 95 % reads of the latest, 5 %
// inserts. E: 95 % scans of 1 to 100 records, 5 % inserts. F: half reads, half read-modify-writes.
// In the order A, B, C, F, D, E, as YCSB advises, in one store for all rounds. Keys, and which are
// asked for, are YCSB's: "user" with a hash of the record's number; a scrambled Zipfian
// distribution with the constant 0.99 over ten thousand million, and for the latest one over the
// records there are (J. Gray et al., Quickly Generating Billion-Record Synthetic Databases, 1994).
//
// An update replaces one field, which here means to read the record and to put all of it. Every
// operation is for itself and sees the newest state; commits are not synced. Records that are found
// are read in full. By the clock on the wall.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "peers/engines.hpp"
#include "peers/entries.hpp"
#include "peers/loops.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

namespace {

constexpr std::size_t field_size = 100;
constexpr std::size_t field_count = 10;
constexpr std::size_t record_size = field_size * field_count;
constexpr std::uint64_t longest_scan = 100;

enum class Kind : std::uint8_t { read, update, insert, scan, read_modify_write };

/// What a workload is made of, in hundredths.
struct Mix {
  std::string_view name;
  std::uint64_t reads;  ///< or scans
  Kind other;
  bool is_latest = false;
  bool scans = false;
};

constexpr std::array mixes = {
    Mix{"YCSB A", 50, Kind::update},       Mix{"YCSB B", 95, Kind::update},
    Mix{"YCSB C", 100, Kind::update},      Mix{"YCSB F", 50, Kind::read_modify_write},
    Mix{"YCSB D", 95, Kind::insert, true}, Mix{"YCSB E", 95, Kind::insert, false, true}};

/// FNV-1 over the bytes of a number, as YCSB has it.
std::uint64_t fnv_of(std::uint64_t number) noexcept {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (int byte = 0; byte < 8; ++byte, number >>= 8)
    hash = (hash ^ (number & 0xFF)) * 0x100'0000'01B3;
  return hash;
}

std::string key_of(std::uint64_t record) { return fmt::format("user{}", fnv_of(record)); }

/// Draws numbers from 0 on, small ones more often.
class Zipfian {
 public:
  /// zeta: the sum of 1 / i^theta for i from 1 to count.
  Zipfian(std::uint64_t count, double zeta)
      : count_(static_cast<double>(count)),
        zeta_(zeta),
        eta_((1 - std::pow(2 / count_, 1 - theta)) / (1 - (1 + std::pow(0.5, theta)) / zeta)) {}

  static double zeta_of(std::uint64_t count) {
    double sum = 0;
    for (std::uint64_t number = 1; number <= count; ++number)
      sum += std::pow(static_cast<double>(number), -theta);
    return sum;
  }

  /// Of a number in [0, 1).
  [[nodiscard]] std::uint64_t at(double uniform) const {
    const double scaled = uniform * zeta_;
    if (scaled < 1) return 0;
    if (scaled < 1 + std::pow(0.5, theta)) return 1;
    return static_cast<std::uint64_t>(count_ *
                                      std::pow(eta_ * uniform - eta_ + 1, 1 / (1 - theta)));
  }

 private:
  static constexpr double theta = 0.99;

  double count_;
  double zeta_;
  double eta_;
};

struct Operation {
  Kind kind;
  std::uint64_t record;
  std::string key;
  std::uint64_t amount;  ///< the length of a scan, or the field that is updated
};

/// The operations of one workload in one round, the same for all engines.
class Operations {
 public:
  Operations(std::uint64_t seed, std::uint64_t records)
      : seed_(mix(seed)), records_(records), latest_(records, Zipfian::zeta_of(records)) {}

  std::vector<Operation> make(const Mix& workload, std::uint64_t count) {
    std::vector<Operation> operations;
    operations.reserve(count);
    for (std::uint64_t number = 0; number < count; ++number) operations.push_back(next(workload));
    return operations;
  }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

 private:
  // Of the scrambled distribution, as YCSB has it.
  static constexpr std::uint64_t scrambled_count = 10'000'000'000;
  static constexpr double scrambled_zeta = 26.46902820178302;

  std::uint64_t draw() noexcept { return mix(seed_++); }
  double draw_uniform() noexcept { return static_cast<double>(draw() >> 11) * 0x1p-53; }

  Operation next(const Mix& workload) {
    const bool is_first_kind = draw() % 100 < workload.reads;
    const Kind first = workload.scans ? Kind::scan : Kind::read;
    const Kind kind = is_first_kind ? first : workload.other;
    const std::uint64_t record = kind == Kind::insert ? records_++ : choose(workload.is_latest);
    const std::uint64_t amount =
        kind == Kind::scan ? 1 + draw() % longest_scan : draw() % field_count;
    return {.kind = kind, .record = record, .key = key_of(record), .amount = amount};
  }
  std::uint64_t choose(bool is_latest) {
    if (!is_latest) return fnv_of(scrambled_.at(draw_uniform())) % records_;
    return records_ - 1 - std::min(latest_.at(draw_uniform()), records_ - 1);
  }

  std::uint64_t seed_;
  std::uint64_t records_;
  Zipfian scrambled_{scrambled_count, scrambled_zeta};
  Zipfian latest_;
};

template <class P>
class YcsbShare {
 public:
  YcsbShare(const Setting& setting, Home home)
      : setting_(setting), home_(std::move(home)), records_(setting.entries) {}

  Figures run(std::uint64_t round) {
    std::vector<std::string_view> names;
    names.reserve(mixes.size());
    for (const Mix& workload : mixes) names.push_back(workload.name);
    if (!setting_.wants_any(names)) return {};
    if (round == 1) fill();
    Figures figures;
    for (std::size_t index = 0; index < mixes.size(); ++index) {
      const Mix& workload = mixes.at(index);
      if (setting_.wants(workload.name))
        figures.push_back(run_mix(workload, round * mixes.size() + index));
    }
    return figures;
  }

 private:
  [[nodiscard]] Opening opening() const {
    return {.directory = home_.path(),
            .entries = setting_.entries * 2,
            .value_size = record_size,
            .cache_size = setting_.cache_size};
  }

  void fill() {
    {
      P peer(opening());
      {
        Keys numbers(records_);
        std::vector<std::string> keys(records_);
        for (std::uint64_t number = 0; number < records_; ++number) {
          numbers[number] = number;
          keys[number] = key_of(number);
        }
        typename P::Session session(peer);
        load<P>(session, keys, numbers, record_, Order::random);
      }
      peer.settle();
    }
    home_.sync();
  }

  Figure run_mix(const Mix& workload, std::uint64_t seed) {
    Operations source(seed, records_);
    const auto operations = source.make(workload, setting_.scaled(100'000, 100));
    records_ = source.records();
    std::optional<Meter> meter;
    Figure figure;
    {
      P peer(opening());
      typename P::Session session(peer);
      {
        typename P::Snapshot snapshot(session);
        static_cast<void>(snapshot.scan_all([](const auto&, Bytes) {}));
      }
      // What an engine does once, at the first write after an opening, is not measured.
      std::uint64_t version = seed * (operations.size() + 1);
      update(session, {.kind = Kind::update, .record = 0, .key = key_of(0), .amount = 0}, version);
      meter.emplace(home_);
      std::uint64_t sum = 0;
      for (const Operation& operation : operations) sum += execute(session, operation, ++version);
      figure =
          meter->stop(std::string(workload.name), "operation", operations.size(), Clock::wall, sum);
    }
    meter->settle(figure);
    return figure;
  }

  std::uint64_t execute(typename P::Session& session, const Operation& operation,
                        std::uint64_t version) {
    std::uint64_t sum = 0;
    const auto add = [&](Bytes value) { sum += sum_of_all(value); };
    switch (operation.kind) {
      case Kind::read: session.get(operation.key, add); break;
      case Kind::read_modify_write:
        session.get(operation.key, add);
        update(session, operation, version);
        break;
      case Kind::update: update(session, operation, version); break;
      case Kind::insert: session.put(operation.key, record_(operation.record, 0)); break;
      case Kind::scan:
        typename P::Snapshot(session).scan(operation.key, operation.amount,
                                           [&](const auto&, Bytes value) { add(value); });
        break;
    }
    return sum;
  }

  void update(typename P::Session& session, const Operation& operation, std::uint64_t version) {
    std::array<std::byte, record_size> changed;
    const bool is_there = session.get(operation.key, [&](Bytes value) {
      std::memcpy(changed.data(), value.data(), record_size);
    });
    if (!is_there) fail_in(P::name, "update", "a record is not there");
    const Bytes field = field_(operation.record, version);
    std::memcpy(changed.data() + operation.amount * field_size, field.data(), field_size);
    session.put(operation.key, changed);
  }

  const Setting& setting_;
  Home home_;
  std::uint64_t records_;  ///< how many there are
  ValueSource record_{record_size};
  ValueSource field_{field_size};
};

}  // namespace

Suite ycsb_suite(const Setting& setting) {
  return make_suite<YcsbShare, std::string, true>(setting, "YCSB");
}

}  // namespace bench::peers
