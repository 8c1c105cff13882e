// Sealing: the last thing that happens to a page before it is written.
//
// A seal binds the bytes to their file and to their place in it, so that a page that was damaged,
// torn, misplaced or taken from another file is noticed.
#pragma once

#include <array>
#include <cstdint>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"

namespace quire {

/// What a file's id adds to the checksum of each of its pages.
struct FileSeed {
  std::uint64_t value = 0;
};

FileSeed file_seed(const std::uint8_t (&file_id)[16]) noexcept;

/// Who writes a page, and where.
struct PageIdentity {
  PageNo number;
  TxnId born;
  TableId table;
};

/// Completes the header of a finished page. O(page size).
void seal_page(MutableBytes page, const PageIdentity& identity, FileSeed seed) noexcept;

/// Makes the header of the overflow run of a value, which need not lie behind it yet; header has at
/// least the size of an OverflowHeader. O(value length).
void seal_overflow(MutableBytes header, Bytes value, const PageIdentity& identity,
                   FileSeed seed) noexcept;

/// Whether the bytes are those that were sealed for this place. For any type of page but a run.
bool page_checksum_holds(Bytes page, PageNo number, FileSeed seed) noexcept;

/// The same for a whole overflow run or just its header and value.
bool overflow_checksum_holds(Bytes header_and_value, PageNo number, FileSeed seed) noexcept;

}  // namespace quire
