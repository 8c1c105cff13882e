#include "quire/engine/mvcc/publication.hpp"

#include <array>
#include <cstring>

#include "quire/engine/base/assert.hpp"

namespace quire {

Publication::Publication(ControlBlock& block, const State& state) : block_(&block) {
  const Word word = set_written(state);
  publish(word);
  set_durable(word);
}

Publication::Publication(std::unique_ptr<ControlBlock> own, const State& state)
    : Publication(*own, state) {
  own_ = std::move(own);
}

Publication::Publication(const State& state)
    : Publication(std::make_unique<ControlBlock>(), state) {}

void Publication::read(Word word, State& state) const {
  const StateRecord& record = block_->records[record_of(word)];
  std::array<std::uint64_t, sizeof(State) / 8> words;
  for (std::size_t index = 0; index < words.size(); ++index)
    words[index] = record.words[index].load(std::memory_order_acquire);
  std::memcpy(static_cast<void*>(&state), words.data(), sizeof(State));
}

/// The record after the newest one that a reader may come to.
Publication::Word Publication::make_record(const State& state) {
  const Word newest = has_resident() ? published_word() : written_word();
  const std::uint32_t index = (record_of(newest) + 1) % record_count;
  std::array<std::uint64_t, sizeof(State) / 8> words;
  std::memcpy(words.data(), &state, sizeof(State));
  StateRecord& record = block_->records[index];
  for (std::size_t at = 0; at < words.size(); ++at)
    record.words[at].store(words[at], std::memory_order_release);
  return state.txn.value << 16 | state.meta_slot << 8 | index;
}

Publication::Word Publication::set_written(const State& state) {
  QUIRE_ASSERT(state.txn >= written());
  const Word word = make_record(state);
  block_->writer.written.store(word);
  return word;
}

void Publication::publish_resident(const State& state) {
  QUIRE_ASSERT(state.txn > written() && state.txn > published());
  block_->readers.published.store(make_record(state));
}

/// Commits publish in the writer's place, and syncs outside it.
void Publication::publish(Word word) {
  Word published = published_word();
  while (txn_of(published) < txn_of(word) &&
         !block_->readers.published.compare_exchange_weak(published, word)) {
  }
}

std::uint64_t Publication::unpublished() const {
  const bool is_shown = published() >= written();
  return is_shown ? 0 : (record_of(written_word()) - record_of(published_word())) % record_count;
}

}  // namespace quire
