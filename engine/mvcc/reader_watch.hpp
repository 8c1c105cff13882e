// ReaderWatch: who keeps old states, and for how long; what comes of it is said in the slots.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/mvcc/lock_file.hpp"
#include "quire/engine/mvcc/reader_info.hpp"
#include "quire/engine/mvcc/reader_slot.hpp"

namespace quire {

/// Up to 32 bytes, cut where they are more.
void write_name(NameWords& words, std::string_view name);
std::string read_name(const NameWords& words);

/// Says who this process is.
void introduce(ProcessEntry& entry, std::uint64_t now);

/// What a look at the slots needs.
struct ReaderView {
  std::span<ReaderSlot> slots;
  const ControlBlock& block;
  const LockFile* lock_file;  ///< none: all are of this process
  TxnId published;
  std::uint32_t page_size = 0;

  /// Everybody who keeps a state.
  [[nodiscard]] std::vector<ReaderInfo> list() const;
  /// Says in the slots what the old states cost, and holds the limits against it. For the writer.
  void watch(const ReaderLimits& limits,
             const std::function<std::uint64_t(TxnId)>& pages_kept_by) const;

 private:
  [[nodiscard]] ReaderInfo describe(const ReaderSlot& slot, std::uint64_t word,
                                    std::uint64_t now) const;
  static void judge(ReaderSlot& slot, const ReaderLimits& limits, ReaderInfo reader);
};

}  // namespace quire
