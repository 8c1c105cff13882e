// ErasedRuns: which entries of a table are to go, gathered before any of them goes.
//
// An edit ends every walk. So a walk gathers runs of neighbours that are to go, up to a few hundred
// of them, and when they are gone the next walk begins behind them.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "quire/api/range.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/encoded_key.hpp"

namespace quire {

/// Entries that follow each other: up to but not with the first one that stays.
struct ErasedRun {
  OwnedKey lower;
  std::optional<OwnedKey> upper;  ///< none: to the last entry
  bool is_one = true;
};

class ErasedRuns {
 public:
  explicit ErasedRuns(KeyBounds bounds) : bounds_(std::move(bounds)) {}

  /// Whether all entries have been looked at.
  [[nodiscard]] bool is_over() const { return is_over_; }

  /// The next runs of those that is_chosen(key, view) says true of; it is asked once for each
  /// entry, in order. Needs !is_over().
  template <class Source, class SchemaType, class Predicate>
  Result<std::vector<ErasedRun>> gather(Source& source, const SchemaType& schema,
                                        const Predicate& is_chosen) {
    std::vector<ErasedRun> runs;
    auto& cursor = source.cursor();
    bool is_in_run = false;
    auto at = bounds_.lower ? cursor.seek(bounds_.lower->bytes()) : cursor.seek_first();
    for (; at && *at && bounds_.is_below_upper(cursor.key()); at = cursor.next()) {
      const auto chosen = ask(cursor, schema, is_chosen);
      if (!chosen) return fail(chosen);
      if (auto checked = source.check(); !checked) return fail(checked);
      if (!*chosen && is_in_run && end_run(runs, cursor.key())) return runs;
      if (*chosen && is_in_run) runs.back().is_one = false;
      if (*chosen && !is_in_run) runs.push_back({.lower = OwnedKey(cursor.key()), .upper = {}});
      is_in_run = *chosen;
    }
    if (!at) return fail(at);
    is_over_ = true;
    if (is_in_run) runs.back().upper = std::move(bounds_.upper);
    return runs;
  }

 private:
  static constexpr std::size_t most = 256;

  /// The run ends before an entry that stays; true when there are runs enough.
  bool end_run(std::vector<ErasedRun>& runs, Bytes stays) {
    runs.back().upper.emplace(stays);
    if (runs.size() < most) return false;
    bounds_.lower = KeyBounds::after(*runs.back().upper);
    return true;
  }

  template <class Predicate>
  static Result<bool> ask(auto& cursor, const auto& schema, const Predicate& is_chosen) {
    const auto key = schema.decode(cursor.key());
    if (!key) return fail(key);
    const auto value = cursor.value();
    if (!value) return fail(value);
    return schema.with_view(*value, [&](const auto& view) -> Result<bool> {
      return std::invoke(is_chosen, *key, view);
    });
  }

  KeyBounds bounds_;
  bool is_over_ = false;
};

}  // namespace quire
