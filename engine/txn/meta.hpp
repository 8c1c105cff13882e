// Meta: what a meta slot says, in memory; and which slot may be written next.
//
// Four slots take turns. A commit writes the *spare* one: never that of the newest durable state,
// of the state whose sync is in flight, or of the newest written one, because a recovery may need
// any of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/mvcc/state.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/space/extent.hpp"

namespace quire {

using FileId = std::array<std::uint8_t, 16>;

/// What the file's id adds to the checksum of each page.
FileSeed seed_of(const FileId& file_id);

/// The pages of the redo log; none: there is no such log.
struct RedoArea {
  Extent pages{};
  TxnId born{};  ///< the transaction that took them

  [[nodiscard]] bool is_there() const { return pages.count != 0; }
};

struct Meta {
  State state;
  TxnId durable;  ///< everything born up to it is known to be on disk
  TxnId ceiling;  ///< no page is written under an id at or above a synced one
  std::uint64_t sequence = 0;
  std::uint32_t page_size = 0;
  std::uint64_t compatible_features = 0;
  std::uint64_t read_only_features = 0;  ///< with unknown ones the file may only be read
  FileId file_id{};
  BootId boot_id{};
  std::uint64_t time = 0;           ///< nanoseconds since 1970, UTC
  std::vector<std::byte> log_tail;  ///< records of the space log that are newer than its pages
  RedoArea redo;
};

/// The bytes of a slot.
layout::MetaSlot encode_meta(const Meta& meta);

/// What the bytes of a slot say; nothing when the checksum does not hold or a number makes no
/// sense. format_too_new, feature_unknown: a sound slot that only a later version understands.
Result<std::optional<Meta>> decode_meta(Bytes bytes);

/// The four slots at the front of a file; nothing in the place of one that is not sound.
using Slots = std::array<std::optional<Meta>, layout::meta_slot_count>;
/// Of a map that shows them. format_too_new, feature_unknown, as decode_meta.
Result<Slots> read_slots(Bytes map);

/// What the bytes of a slot look like, damaged or not.
enum class SlotLook : std::uint8_t { foreign, ours, newer };
SlotLook look_at_slot(Bytes bytes);

constexpr std::uint64_t slot_offset(std::uint32_t index) {
  return std::uint64_t{index} * layout::meta_slot_stride;
}

/// Which of the four slots holds what. For the writer.
class SlotTurns {
 public:
  /// A slot that was found at opening, or just written.
  void hold(std::uint32_t slot, std::uint64_t sequence) { sequences_[slot] = sequence; }
  void set_written(std::uint32_t slot) { written_ = slot; }
  void set_syncing(std::optional<std::uint32_t> slot) { syncing_ = slot; }
  void set_durable(std::uint32_t slot) { durable_ = slot; }
  [[nodiscard]] std::uint64_t sequence(std::uint32_t slot) const { return sequences_[slot]; }
  [[nodiscard]] std::uint32_t written() const { return written_; }
  [[nodiscard]] std::uint32_t durable() const { return durable_; }

  /// The slot that the next state goes to.
  [[nodiscard]] std::uint32_t spare() const;

 private:
  std::array<std::uint64_t, layout::meta_slot_count> sequences_{};
  std::uint32_t written_ = 0;
  std::optional<std::uint32_t> syncing_;
  std::uint32_t durable_ = 0;
};

}  // namespace quire
