#include "quire/engine/mvcc/publication.hpp"

#include <cstring>

#include "quire/engine/base/assert.hpp"

namespace quire {

Publication::Publication(const State& state)
    : records_(std::make_unique<std::array<Record, record_count>>()) {
  publish(set_written(state));
  set_durable(state.txn);
}

void Publication::read(Word word, State& state) const {
  const Record& record = (*records_)[word % record_count];
  std::array<std::uint64_t, sizeof(State) / 8> words;
  for (std::size_t index = 0; index < words.size(); ++index)
    words[index] = record[index].load(std::memory_order_acquire);
  std::memcpy(static_cast<void*>(&state), words.data(), sizeof(State));
}

Publication::Word Publication::set_written(const State& state) {
  QUIRE_ASSERT(state.txn >= written());
  const std::uint64_t index = next_record_++ % record_count;
  std::array<std::uint64_t, sizeof(State) / 8> words;
  std::memcpy(words.data(), &state, sizeof(State));
  Record& record = (*records_)[index];
  for (std::size_t at = 0; at < words.size(); ++at)
    record[at].store(words[at], std::memory_order_release);
  written_.store(state.txn.value, std::memory_order_seq_cst);
  return state.txn.value << 16 | index;
}

std::uint64_t Publication::unpublished() const {
  constexpr std::uint64_t index_bits = 0xffff;
  return (next_record_ - 1 - (published_word() & index_bits)) % record_count;
}

}  // namespace quire
