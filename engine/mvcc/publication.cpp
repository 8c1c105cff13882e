#include "quire/engine/mvcc/publication.hpp"

#include <cstring>

#include "quire/engine/base/assert.hpp"

namespace quire {

Publication::Publication(const State& state)
    : records_(std::make_unique<std::array<Record, record_count>>()) {
  set_written(state);
  publish();
  set_durable(state.txn);
}

void Publication::read(Word word, State& state) const {
  const Record& record = (*records_)[word % record_count];
  std::array<std::uint64_t, sizeof(State) / 8> words;
  for (std::size_t index = 0; index < words.size(); ++index)
    words[index] = record[index].load(std::memory_order_acquire);
  std::memcpy(static_cast<void*>(&state), words.data(), sizeof(State));
}

void Publication::set_written(const State& state) {
  QUIRE_ASSERT(state.txn >= written());
  const std::uint64_t index = next_record_++ % record_count;
  std::array<std::uint64_t, sizeof(State) / 8> words;
  std::memcpy(words.data(), &state, sizeof(State));
  Record& record = (*records_)[index];
  for (std::size_t at = 0; at < words.size(); ++at)
    record[at].store(words[at], std::memory_order_release);
  written_word_ = state.txn.value << 16 | index;
  written_.store(state.txn.value, std::memory_order_seq_cst);
}

void Publication::publish() { published_.store(written_word_, std::memory_order_seq_cst); }

}  // namespace quire
