// Publication: which transactions are written, published, syncing and durable.
//
// W is the newest written state (the next writer builds on it), P what readers get, F the one whose
// sync is in flight (none: 0), D the newest durable one. All four are sequentially consistent
// words; P carries the index of an immutable state record, so that a reader gets both with one
// load.
//
// Invariant: D <= P <= W, and F is 0 or in [D, W]. P and D only rise.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/mvcc/state.hpp"

namespace quire {

/// Readers may call the const functions from any thread; set_written and unpublished are for the
/// one inside the writer gate, publish, set_syncing and set_durable for who syncs.
class Publication {
 public:
  /// txn (48) | record index (16), as one atomic word.
  using Word = std::uint64_t;
  static constexpr TxnId txn_of(Word word) { return {word >> 16}; }
  static constexpr std::size_t record_count = 256;

  /// A database that was just recovered: everything is at one state, which is durable.
  explicit Publication(const State& state);

  [[nodiscard]] Word published_word() const { return published_.load(std::memory_order_seq_cst); }
  [[nodiscard]] TxnId published() const { return txn_of(published_word()); }
  [[nodiscard]] TxnId written() const { return load(written_); }
  [[nodiscard]] TxnId syncing() const { return load(syncing_); }
  [[nodiscard]] TxnId durable() const { return load(durable_); }

  /// Copies the record that a published word names. The copy is right if published_word() is still
  /// the same afterwards; records are reused only after `record_count` states were named.
  void read(Word word, State& state) const;

  /// W := the state, and its record is made; not yet for readers. The word that will name it.
  Word set_written(const State& state);
  /// P := a written state, of which the record must not have been used again.
  void publish(Word word) { published_.store(word, std::memory_order_seq_cst); }
  /// How many records were made after the published one.
  [[nodiscard]] std::uint64_t unpublished() const;
  void set_syncing(TxnId txn) { syncing_.store(txn.value, std::memory_order_seq_cst); }
  void set_durable(TxnId txn) { durable_.store(txn.value, std::memory_order_seq_cst); }

 private:
  static TxnId load(const std::atomic<std::uint64_t>& word) {
    return {word.load(std::memory_order_seq_cst)};
  }

  static_assert(std::is_trivially_copyable_v<State> && sizeof(State) % 8 == 0);
  /// Atomic words, because a reader may look while a record is made anew (and then discards it).
  using Record = std::array<std::atomic<std::uint64_t>, sizeof(State) / 8>;

  alignas(64) std::atomic<Word> published_{0};
  alignas(64) std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> syncing_{0};
  std::atomic<std::uint64_t> durable_{0};
  std::uint64_t next_record_ = 0;
  std::unique_ptr<std::array<Record, record_count>> records_;
};

}  // namespace quire
