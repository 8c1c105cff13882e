// Statistics: what a database holds and what its file is made of.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "quire/engine/base/ids.hpp"

namespace quire {

/// One look at a database; every size in bytes unless it says pages.
struct Statistics {
  TxnId written;    ///< W: newest written transaction
  TxnId published;  ///< P: what new snapshots see
  TxnId durable;    ///< D: newest transaction known to be on disk
  std::uint32_t page_size = 0;
  std::uint64_t file_size = 0;
  std::uint64_t page_count = 0;     ///< pages ever handed out
  std::uint64_t free_pages = 0;     ///< reusable now
  std::uint64_t pending_pages = 0;  ///< dead, kept by some pin or for a reason of durability
  std::uint64_t free_extents = 0;
  std::uint64_t log_pages = 0;  ///< of the space log's chain
  std::uint64_t tables = 0;
  std::uint64_t pins = 0;            ///< guards and snapshots alive, in all processes
  std::uint32_t format_version = 0;  ///< of the slot that names the durable state
  std::array<std::uint8_t, 16> file_id{};
  // Since opening
  std::uint64_t commits = 0;
  std::uint64_t syncs = 0;
  std::uint64_t writers = 0;       ///< threads that have the writer's place, or wait to write
  std::uint64_t sync_waiters = 0;  ///< threads that wait for the sync in flight, or the next one
  std::uint64_t pages_written = 0;
  std::uint64_t write_calls = 0;  ///< runs of pages and meta slots
};

/// What one table's tree is made of. Filled by walking it.
struct TableStatistics {
  std::uint64_t entries = 0;
  std::uint64_t leaf_pages = 0;
  std::uint64_t rows_pages = 0;  ///< of the leaves
  std::uint64_t branch_pages = 0;
  std::uint64_t overflow_pages = 0;
  std::uint64_t used_bytes = 0;  ///< of leaf and branch bodies
  std::uint64_t free_bytes = 0;
  std::uint32_t height = 0;  ///< levels; 0: empty
};

}  // namespace quire
