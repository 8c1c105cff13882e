#include "quire/engine/mvcc/publication.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include "quire/engine/base/assert.hpp"

namespace quire {
namespace {

using StateWords = std::array<std::uint64_t, sizeof(State) / 8>;
constexpr std::size_t near_begin = offsetof(State, near) / 8;

/// Tables that were never made have no place among the near ones: the words before theirs.
constexpr std::size_t used_words(TableId next_table) {
  const std::size_t tables = std::size_t{next_table.value} - 1;
  return near_begin + std::min(tables, State::near_tables) * (sizeof(TreeRoot) / 8);
}

std::byte* as_bytes_of(State& state) { return std::as_writable_bytes(std::span(&state, 1)).data(); }

}  // namespace

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
  StateWords words;
  const auto copy = [&](std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at)
      words[at] = record.words[at].load(std::memory_order_acquire);
    std::memcpy(as_bytes_of(state) + 8 * begin, words.data() + begin, 8 * (end - begin));
  };
  copy(0, near_begin);
  copy(near_begin, used_words(state.next_table));
}

/// The record after the newest one that a reader may come to.
Publication::Word Publication::make_record(const State& state) {
  const Word newest = has_resident() ? published_word() : written_word();
  const std::uint32_t index = (record_of(newest) + 1) % record_count;
  StateRecord& record = block_->records[index];
  const std::size_t used = used_words(state.next_table);
  StateWords words;
  std::memcpy(words.data(), &state, 8 * used);
  for (std::size_t at = 0; at < used; ++at)
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
