// ControlBlock: the memory in which an open database says where it stands.
//
// Private memory when one process has the file for itself; else the content of the lock file, which
// every process that has the file open maps. A first opener makes a new one: from what is in the
// data file, or from the words of one that killed processes left.
//
// All words are atomic and sequentially consistent, because a process may look while another
// writes, and because any may be killed between two of its steps.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/mvcc/reader_slot.hpp"
#include "quire/engine/mvcc/state.hpp"

namespace quire {

using SharedWord = std::atomic<std::uint64_t>;
static_assert(SharedWord::is_always_lock_free && sizeof(SharedWord) == 8);

/// Which file this belongs to, and how the rest is laid out. Written before others see it.
struct ControlHeader {
  std::array<char, 8> magic;             //   0  "QUIRELCK"
  std::uint32_t version;                 //   8  of this layout
  std::uint32_t slot_count;              //  12  reader slots
  std::array<std::uint64_t, 2> file;     //  16  device and inode of the data file
  std::array<std::uint8_t, 16> boot_id;  //  32  the run of the system that it was made in
  std::array<std::uint8_t, 16> file_id;  //  48  of the data file
  std::uint32_t page_size;               //  64  of the data file
  std::uint32_t reserved;                //  68
  std::uint64_t compatible_features;     //  72  of the data file
  std::uint64_t read_only_features;      //  80  of the data file
  std::uint64_t mount;                   //  88  File::mount of its first opener; 0: not known
  std::array<std::uint8_t, 32> unused;   //  96
};
static_assert(std::is_trivially_copyable_v<ControlHeader> && sizeof(ControlHeader) == 128 &&
              offsetof(ControlHeader, file) == 16 && offsetof(ControlHeader, boot_id) == 32 &&
              offsetof(ControlHeader, page_size) == 64 &&
              offsetof(ControlHeader, compatible_features) == 72 &&
              offsetof(ControlHeader, mount) == 88);

inline constexpr std::array<char, 8> control_magic = {'Q', 'U', 'I', 'R', 'E', 'L', 'C', 'K'};
inline constexpr std::uint32_t control_version = 2;

/// What readers look at.
struct alignas(64) PublishedLine {
  SharedWord published{0};  //  0  P: txn (48) | meta slot (8) | record (8), as W, F and D
};

/// Written by the one who has the writer's place.
struct alignas(64) WriterLine {
  SharedWord written{0};     //  0  W
  SharedWord active{0};      //  8  process + 1 that has the writer's place; 0: none
  SharedWord used{0};        // 16  newest id under which pages may have been written
  SharedWord ceiling{0};     // 24  in the newest slot written
  SharedWord sequence{0};    // 32  of the newest slot written
  SharedWord awaited{0};     // 40  the sync that the newest commit which waits for one waits for
  SharedWord is_touched{0};  // 48  something was written since the last clean close
  SharedWord used_slots{
      0};  // 56  reader slots at or above this were never claimed; written by who claims
  std::array<SharedWord, 4> slot_sequences{};  //  64  of what each meta slot holds
  SharedWord free_pages{0};     //  96  of the newest written state, as are the next four
  SharedWord pending_pages{0};  // 104
  SharedWord free_extents{0};   // 112
  SharedWord log_pages{0};      // 120
  SharedWord file_size{0};      // 128
};

/// Written by the one who syncs, but for the first two.
struct alignas(64) SyncLine {
  SharedWord written_bytes{0};   //  0  of pages, ever
  SharedWord writes{0};          //  8  of anything, ever
  SharedWord syncing{0};         // 16  F
  SharedWord durable{0};         // 24  D
  SharedWord started{0};         // 32  the newest sync that began; the first has 1
  SharedWord finished{0};        // 40  the newest one that succeeded
  SharedWord synced_ceiling{0};  // 48  that is on the disk
  SharedWord covered_bytes{0};   // 56  written_bytes when the newest sync that succeeded began
  SharedWord covered_writes{0};  // 64  writes when the newest sync began
  SharedWord poison{0};          // 72  0: healthy; else errno (32) | ErrorCode + 1 (32)
};

/// A process that has the file open; its lock on the byte of its number says that it lives.
struct alignas(64) ProcessEntry {
  SharedWord id{0};       //  0  as the process knows itself; 0: nobody
  SharedWord started{0};  //  8  nanoseconds since 1970
  NameWords name{};       // 16  of the program
};

/// Atomic words, because a reader may look while a record is made anew (and then discards it).
struct alignas(64) StateRecord {
  std::array<SharedWord, sizeof(State) / 8> words{};  // a State, as its bytes lie in memory
};

/// A new one is all zeros.
struct alignas(64) ControlBlock {
  static constexpr std::size_t record_count = 256;
  static constexpr std::uint32_t process_count = 128;

  ControlHeader header;                               //      0
  PublishedLine readers;                              //    128
  WriterLine writer;                                  //    192
  SyncLine sync;                                      //    384
  std::array<ProcessEntry, process_count> processes;  //    512
  std::array<StateRecord, record_count> records;      //   8704
  // Reader slots follow, at 123392.

  /// Bytes of a block with so many reader slots behind it.
  static constexpr std::size_t size_with(std::uint32_t slot_count) {
    return sizeof(ControlBlock) + slot_count * sizeof(ReaderSlot);
  }
};
static_assert(offsetof(ControlBlock, readers) == 128 && offsetof(ControlBlock, writer) == 192 &&
              offsetof(ControlBlock, sync) == 384 && offsetof(ControlBlock, processes) == 512 &&
              offsetof(ControlBlock, records) == 8704);
static_assert(sizeof(WriterLine) == 192 && sizeof(SyncLine) == 128 && sizeof(ProcessEntry) == 64 &&
              sizeof(StateRecord) == 448 && sizeof(ControlBlock) == 123392);
static_assert(std::is_trivially_copyable_v<State> && sizeof(State) == 440 &&
              offsetof(State, catalog) == 8 && offsetof(State, page_count) == 32 &&
              offsetof(State, log_page) == 36 && offsetof(State, log_born) == 40 &&
              offsetof(State, next_table) == 48 && offsetof(State, meta_slot) == 52 &&
              offsetof(State, near) == 56 && sizeof(TreeRoot) == 24 &&
              offsetof(TreeRoot, table) == 4 && offsetof(TreeRoot, entries) == 8 &&
              offsetof(TreeRoot, level) == 16 && offsetof(TreeRoot, alignment_log2) == 17);

}  // namespace quire
