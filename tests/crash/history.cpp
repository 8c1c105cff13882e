#include "crash/history.hpp"

#include <algorithm>
#include <limits>

namespace quire::test {
namespace {

constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

Digest with_probe(Tables tables) {
  tables[probe_table][probe_key] = probe_value;
  return digest_of(tables);
}

}  // namespace

History::History(Tables first) {
  begin(std::move(first), 0);
  set_durable(0, 0);
}

History::Index History::begin(Tables tables, std::size_t stop) {
  const Digest digest = digest_of(tables);
  const Digest probed = with_probe(tables);
  auto kept = std::make_shared<const Tables>(std::move(tables));
  states_.push_back({std::move(kept), digest, probed, stop, never, never});
  return states_.size() - 1;
}

void History::set_durable(Index index, std::size_t stop) {
  states_[index].durable_from = std::min(states_[index].durable_from, stop);
}

void History::withdraw(Index index, std::size_t stop) {
  states_[index].withdrawn_from = std::min(states_[index].withdrawn_from, stop);
}

void History::settle(Index found, std::size_t stop) {
  set_durable(found, stop);
  for (Index later = found + 1; later < states_.size(); ++later) withdraw(later, stop);
}

std::optional<History::Index> History::find(const Digest& digest, std::size_t stop) const {
  const Index oldest = newest_durable(stop);
  for (Index index = states_.size(); index-- > oldest;) {
    const State& state = states_[index];
    if (state.began <= stop && stop < state.withdrawn_from && state.digest == digest) return index;
  }
  return std::nullopt;
}

History::Index History::newest_durable(std::size_t stop) const {
  Index index = states_.size() - 1;
  while (index > 0 && states_[index].durable_from > stop) --index;
  return index;
}

History History::seen_from(std::size_t stop) const {
  History seen;
  for (Index index = newest_durable(stop); index < states_.size(); ++index) {
    State state = states_[index];
    if (state.began > stop || state.withdrawn_from <= stop) continue;
    state.began = 0;
    state.durable_from = seen.states_.empty() ? 0 : never;
    state.withdrawn_from = never;
    seen.states_.push_back(std::move(state));
  }
  return seen;
}

std::string History::explain(const Digest& digest, std::size_t stop) const {
  std::string text = "expected state " + std::to_string(newest_durable(stop)) + " or a newer one";
  for (Index index = states_.size(); index-- > 0;) {
    const State& state = states_[index];
    if (state.digest != digest) continue;
    const bool is_withdrawn = state.withdrawn_from <= stop;
    return text + ", found state " + std::to_string(index) + " of " +
           std::to_string(states_.size()) + (is_withdrawn ? ", which was rolled back" : "");
  }
  return text + ", found something that was never committed";
}

}  // namespace quire::test
