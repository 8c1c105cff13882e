// Publication: which transactions are written, published, syncing and durable.
//
// W is the newest written state (the next writer builds on it), P what readers get, F the one whose
// sync is in flight (none: 0), D the newest durable one. All four are words of the control block
// and carry the index of an immutable state record, so that a reader gets both with one load, and
// that of the meta slot that names the state.
//
// Invariant: D <= P, D <= W, and F is 0 or in [D, W]. P and D only rise. P is above W while there
// are resident commits, of which only this process's memory knows: then W was published before.
#pragma once

#include <cstdint>
#include <memory>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/mvcc/control_block.hpp"
#include "quire/engine/mvcc/state.hpp"

namespace quire {

/// A view of the words. Readers may call the const functions from any thread; set_written is for
/// the one who has the writer's place, set_syncing and set_durable for the one who syncs.
class Publication {
 public:
  /// txn (48) | meta slot (8) | record (8), as one atomic word.
  using Word = std::uint64_t;
  static constexpr Word no_state = 0;
  static constexpr TxnId txn_of(Word word) { return {word >> 16}; }
  static constexpr std::uint32_t slot_of(Word word) { return word >> 8 & 0xff; }
  static constexpr std::uint32_t record_of(Word word) { return word & 0xff; }
  static constexpr std::size_t record_count = ControlBlock::record_count;
  static_assert(record_count == 256);

  /// Words as they stand, in memory that outlives this.
  explicit Publication(ControlBlock& block) : block_(&block) {}
  /// A database that was just recovered: everything is at one state, which is durable.
  Publication(ControlBlock& block, const State& state);
  /// The same in memory of its own.
  explicit Publication(const State& state);

  [[nodiscard]] Word published_word() const { return block_->readers.published.load(); }
  [[nodiscard]] Word written_word() const { return block_->writer.written.load(); }
  [[nodiscard]] Word syncing_word() const { return block_->sync.syncing.load(); }
  [[nodiscard]] Word durable_word() const { return block_->sync.durable.load(); }
  [[nodiscard]] TxnId published() const { return txn_of(published_word()); }
  [[nodiscard]] TxnId written() const { return txn_of(written_word()); }
  [[nodiscard]] TxnId syncing() const { return txn_of(syncing_word()); }
  [[nodiscard]] TxnId durable() const { return txn_of(durable_word()); }

  /// Copies the record that a word names. What `state` has of tables that the record does not know
  /// stays; near_root() gives nothing of it. The copy is right if published_word() is still the
  /// same afterwards; records are reused only after `record_count` states were named.
  void read(Word word, State& state) const;

  /// W := the state, and its record is made; not yet for readers. The word that will name it.
  Word set_written(const State& state);
  /// P := a written state, of which the record must not have been used again. It only rises.
  void publish(Word word);
  /// P := a state that only memory has, and its record is made. What it builds on is published.
  void publish_resident(const State& state);
  [[nodiscard]] bool has_resident() const { return published() > written(); }
  /// How many records were made after the published one.
  [[nodiscard]] std::uint64_t unpublished() const;
  void set_syncing(Word word) { block_->sync.syncing.store(word); }
  void set_durable(Word word) { block_->sync.durable.store(word); }

  /// The words of those who write and sync.
  [[nodiscard]] WriterLine& writer() const { return block_->writer; }
  [[nodiscard]] SyncLine& sync() const { return block_->sync; }

 private:
  Publication(std::unique_ptr<ControlBlock> own, const State& state);
  [[nodiscard]] Word make_record(const State& state);

  std::unique_ptr<ControlBlock> own_;
  ControlBlock* block_;
};

}  // namespace quire
