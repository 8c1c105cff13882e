// How often this process made the system bring something to the disk, whichever library asked.
//
// The program defines the calls of the C library itself, counts, and passes on what was asked: no
// engine can sync without being counted. A write to a file that was opened with O_DSYNC or O_SYNC,
// as LMDB writes its meta page, is a sync, too, and so is one with RWF_DSYNC or RWF_SYNC.
#pragma once

#include <cstdint>

namespace bench::peers {

/// Since the program began, over all threads.
std::uint64_t count_syncs() noexcept;

}  // namespace bench::peers
