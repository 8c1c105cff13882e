// Sequence: numbers that are given out once, such as ids for new entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/api/table_builder.hpp"
#include "quire/api/transaction.hpp"

namespace quire {

/// Counts from 1 in a storage's table `quire.sequences`, under its name. Storage::sequence makes
/// it. Thread-safe; copies stand for the same.
///   const auto id = orders.next(txn).value();  // goes if the transaction is abandoned
///   const auto first = orders.take(1000).value();  // 1000 numbers of one's own
template <Backend Place>
class BasicSequence {
 public:
  using Counters = Table<std::string, std::uint64_t, DefaultKeyFormat<std::string>,
                         DefaultValueFormat<std::uint64_t>, Place>;
  static constexpr const char* table_name = "quire.sequences";

  /// For Storage.
  BasicSequence(const Counters& counters, std::string name)
      : counters_(counters), name_(std::move(name)) {}

  /// The next number, taken in a transaction: without gaps, since one that is abandoned takes none.
  Result<std::uint64_t> next(BasicStorageTransaction<Place>& txn) const {
    auto counters = txn.table(counters_);
    return advance(counters, 1);
  }

  /// The first of so many numbers that nobody else gets, in a transaction of its own. Those that
  /// are not used leave a gap.
  Result<std::uint64_t> take(std::uint64_t count, std::optional<Durability> durability = {}) const {
    Counters counters = counters_;
    return advance(counters, count, durability);
  }

  /// The last number that was given out; 0: none was.
  [[nodiscard]] Result<std::uint64_t> last() const {
    const auto last = counters_.get(name_);
    if (!last) return fail(last);
    return *last ? ***last : 0;
  }

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  /// The first of so many numbers; how: what update() of these counters takes besides.
  template <class Editable>
  Result<std::uint64_t> advance(Editable& counters, std::uint64_t count, const auto&... how) const {
    std::uint64_t first = 0;
    const auto change = [&](const auto& last) {
      first = (last ? **last : 0) + 1;
      return first + count - 1;
    };
    const Status done = counters.update(name_, change, how...);
    return done ? Result<std::uint64_t>(first) : fail(done);
  }

  Counters counters_;
  std::string name_;
};

using Sequence = BasicSequence<backend::Native>;

}  // namespace quire
