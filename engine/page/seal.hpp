// Sealing: the last thing that happens to a page before it is written.
//
// A seal binds the bytes to their file and to their place in it, so that a page that was damaged,
// torn, misplaced or taken from another file is noticed.
#pragma once

#include <array>
#include <cstdint>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/checksum.hpp"
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

/// Makes the header of an overflow run whose value comes piece by piece. Not thread-safe.
class OverflowSeal {
 public:
  /// Fills in all of the header but the checksum; header has at least the size of an
  /// OverflowHeader, and stays where it is.
  OverflowSeal(MutableBytes header, std::uint64_t value_length, const PageIdentity& identity,
               FileSeed seed) noexcept;

  void add(Bytes piece) noexcept { checksum_.add(piece); }
  /// Completes the header. Needs that all of the value was added.
  void finish() noexcept;

 private:
  std::byte* header_;
  RunningChecksum64 checksum_;
};

/// The same for a value that is there, though not behind the header yet. O(value length).
void seal_overflow(MutableBytes header, Bytes value, const PageIdentity& identity,
                   FileSeed seed) noexcept;

/// Whether the bytes are those that were sealed for this place. For any type of page but a run.
bool page_checksum_holds(Bytes page, PageNo number, FileSeed seed) noexcept;

/// Hears which bytes will be read soon, to have them read from where they lie meanwhile.
using Announce = void (*)(Bytes) noexcept;
inline void announce_nothing(Bytes) noexcept {}

/// The same for a whole overflow run or just its header and value. Announces what it reads of a
/// large one, a MiB ahead.
bool overflow_checksum_holds(Bytes header_and_value, PageNo number, FileSeed seed,
                             Announce announce = announce_nothing) noexcept;

}  // namespace quire
