// Every struct that lies in the file, as tables that the compiler checks.
//
// docs/file-format.md quotes these tables and a test reads the documented offsets. All integers are
// little endian with alignment 1; nothing is padded; reserved bytes are zero.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quire/engine/base/little_endian.hpp"
#include "quire/engine/base/overlay.hpp"

namespace quire::layout {

// ---- Sizes

inline constexpr std::uint32_t min_page_size = 4096;
inline constexpr std::uint32_t max_page_size = 65536;
inline constexpr std::uint32_t default_page_size = 4096;

inline constexpr std::uint32_t meta_slot_count = 4;
inline constexpr std::uint32_t meta_slot_stride = 16384;  ///< from one meta slot to the next
inline constexpr std::uint32_t meta_slot_size = 4096;     ///< what is used of each
inline constexpr std::uint32_t meta_area_size = meta_slot_count * meta_slot_stride;

/// The first page that trees may use: right behind the meta slots.
constexpr std::uint32_t first_page(std::uint32_t page_size) { return meta_area_size / page_size; }

/// The longest key, for any page size: a quarter of a page.
constexpr std::uint32_t max_key_size(std::uint32_t page_size) { return page_size / 4; }
inline constexpr std::uint32_t max_key_size_of_any = max_page_size / 4;

/// Key and value together above this put the value into an overflow run.
constexpr std::uint32_t max_inline_size(std::uint32_t page_size) { return page_size / 4; }

/// The longest value.
inline constexpr std::uint64_t max_value_size = (std::uint64_t{1} << 32) - max_page_size;
inline constexpr std::uint32_t max_value_alignment = 64;
inline constexpr std::uint8_t max_alignment_log2 = 6;
static_assert(1U << max_alignment_log2 == max_value_alignment);

// ---- Pages

enum class PageType : std::uint8_t {
  leaf = 1,            ///< entries of any length
  rows = 2,            ///< a leaf whose keys are of one length and whose values are of one length
  dense = 3,           ///< reserved: a leaf of consecutive integer keys
  branch = 4,          ///< separators, children, their entry counts
  overflow = 5,        ///< the first page of a run that holds one large value
  log_record = 6,      ///< space log: what one transaction took and freed
  log_checkpoint = 7,  ///< space log: everything free and pending
};

/// At the start of every page (of a run's first page only).
struct PageHeader {
  U64le checksum;       //  0  XXH3-64 of bytes [8, end), seeded with page number and file id
  U48le born;           //  8  the transaction that wrote this page
  std::uint8_t type;    // 14  PageType
  std::uint8_t flags;   // 15  leaf, rows: log2 of the value alignment; branch: level, pure bit
  U32le number;         // 16  this page's number
  U32le table;          // 20  the table it belongs to; 0 is the catalog (and the space log)
  U16le entry_count;    // 24  entries of a leaf, separators of a branch
  U16le prefix_length;  // 26  key bytes shared by all entries
  U16le first;          // 28  leaf, branch: bytes in use by the heap; rows: key length
  U16le second;         // 30  leaf, branch: dead bytes in the heap; rows: value length
};
static_assert(OnDisk<PageHeader> && sizeof(PageHeader) == 32 && offsetof(PageHeader, born) == 8 &&
              offsetof(PageHeader, type) == 14 && offsetof(PageHeader, number) == 16 &&
              offsetof(PageHeader, entry_count) == 24 && offsetof(PageHeader, first) == 28);

inline constexpr std::uint8_t branch_level_mask = 0x3f;
inline constexpr std::uint8_t branch_pure = 0x80;  ///< every separator fits prefix + head
inline constexpr std::uint8_t leaf_alignment_mask = 0x07;

// ---- Leaf and branch bodies
//
//   leaf:   header | prefix, padded to 8 | samples | heads | slots | gap | heap
//   rows:   header | prefix, padded to 8 | samples | heads | gap | rows
//   branch: header | prefix, padded to 8 | samples | heads | children | counts | slots | gap | heap
//
// A head is the 8 key bytes after the prefix as a native integer: big-endian order, zero padded.
// From `sample_threshold` heads on, the head at index 16 * k + 15 is repeated as sample k.
// Arrays have the size of entry_count.

inline constexpr std::uint32_t head_size = 8;
inline constexpr std::uint32_t sample_stride = 16;
inline constexpr std::uint32_t sample_threshold = 64;

/// In the heap of a leaf, at the slot's offset: this, then the key bytes beyond prefix and head,
/// then the value at the table's alignment.
struct LeafEntryHeader {
  U16le remaining_key;  //  0  key length from the prefix on, head included
  U16le value_length;   //  2  inline bytes; the top bit marks an overflow reference
};
static_assert(OnDisk<LeafEntryHeader> && sizeof(LeafEntryHeader) == 4);
inline constexpr std::uint16_t overflow_bit = 0x8000;

/// Instead of a value, where the value lies in an overflow run.
struct OverflowReference {
  U32le first_page;  //  0  the run's first page
  U32le reserved;    //  4  zero
  U64le length;      //  8  of the value; the run has pages for the header and this
};
static_assert(OnDisk<OverflowReference> && sizeof(OverflowReference) == 16);

/// In the heap of a branch, at the slot's offset: this, then the separator's bytes beyond prefix
/// and head. A slot of 0 means: the separator ends within the head and not with a zero byte.
struct BranchEntryHeader {
  U16le remaining_key;  //  0  separator length from the prefix on, head included
};
static_assert(OnDisk<BranchEntryHeader> && sizeof(BranchEntryHeader) == 2);

/// An overflow run: this header, then the value, in consecutive pages; the rest of the last page is
/// zero. The page checksum covers bytes [8, 64 + value length).
struct OverflowHeader {
  PageHeader page;            //  0
  U64le value_length;         // 32
  std::uint8_t reserved[24];  // 40  zero
};
static_assert(OnDisk<OverflowHeader> && sizeof(OverflowHeader) == 64);
static_assert(sizeof(OverflowHeader) % max_value_alignment == 0);

// ---- Space log
//
// A log page is written once, by one transaction. A transaction's record may take several pages,
// fragment 0 first; each links to the page before it in the chain, so following links the pair
// (born, fragment) falls strictly. The chain ends at fragment 0 of a checkpoint.
//
// Small records have no page of their own. They wait in the meta slot, in its tail, until the next
// one that does not fit there takes them along, in its fragment 0: so each page has the records of
// the transactions between the page before and its own, as bytes in front of its lists.

struct LogPageHeader {
  PageHeader page;       //  0  born is the record's transaction; first: entries in list one;
                         //     second: entries in list two
  U32le previous_page;   // 32  the page before this one; 0 at the chain's end
  U32le fragment;        // 36  index of this page in its transaction's record
  U48le previous_born;   // 40  the transaction that wrote the page before
  U16le tail_size;       // 46  bytes of older records behind this header; in fragment 0 only
  U32le page_count;      // 48  first page number never handed out, after this transaction
  U32le fragment_count;  // 52  pages of this record
};
static_assert(OnDisk<LogPageHeader> && sizeof(LogPageHeader) == 56);

/// List one of a record: extents taken. List one of a checkpoint: extents free.
struct LogExtent {
  U32le first;  //  0
  U32le count;  //  4
};
static_assert(OnDisk<LogExtent> && sizeof(LogExtent) == 8);

/// List two of a record: extents freed (died is the record's transaction).
/// List two of a checkpoint: extents pending.
struct LogDeadExtent {
  U32le first;  //  0
  U32le count;  //  4
  U48le born;   //  8
  U48le died;   // 14
};
static_assert(OnDisk<LogDeadExtent> && sizeof(LogDeadExtent) == 20);

/// A record in a tail, oldest first: this, its LogExtents, its LogTailDeads.
struct LogTailRecord {
  U48le txn;           //  0
  U32le page_count;    //  6  first page number never handed out, after this transaction
  U16le extent_count;  // 10  taken
  U16le dead_count;    // 12  freed
};
static_assert(OnDisk<LogTailRecord> && sizeof(LogTailRecord) == 14);

/// An extent that died with its record's transaction.
struct LogTailDead {
  U32le first;  //  0
  U32le count;  //  4
  U48le born;   //  8
};
static_assert(OnDisk<LogTailDead> && sizeof(LogTailDead) == 14);

// ---- Redo log
//
// A run of pages that a meta slot names (RedoArea). Records lie in it one behind the other, from
// its begin on: what transactions changed that followed the slot's state, oldest first. Each is
// known by its checksum, which is seeded by the state and by the record's place, and names that of
// the record before it. Where it does not hold is what was there before.

struct RedoRecordHeader {
  U64le checksum;    //  0  XXH3-64 of the rest of the record
  U64le previous;    //  8  checksum of the record before this one; 0: this is the first
  U48le txn;         // 16  the transaction
  U16le reserved;    // 22  zero
  U32le size;        // 24  bytes of the record, this included; a multiple of 8
  U32le edit_count;  // 28
  U32le synced;      // 32  bytes of the log, from its begin, that were known to be on the disk
  U32le unused;      // 36  zero
};
static_assert(OnDisk<RedoRecordHeader> && sizeof(RedoRecordHeader) == 40);
inline constexpr std::uint32_t redo_record_alignment = 8;

/// Behind the header, edit_count times, then zeros: this, the key, the value.
struct RedoEditHeader {
  U32le table;       //  0  TableId
  U16le key_size;    //  4
  U16le value_size;  //  6  of a value that lies in a leaf; redo_erased: the entry is erased
};
static_assert(OnDisk<RedoEditHeader> && sizeof(RedoEditHeader) == 8);
inline constexpr std::uint16_t redo_erased = 0xffff;

// ---- Catalog: the tree of table 0
//
// Key 0x01 | name holds a TableRecord. Key 0x02 | table id, 4 bytes big endian, holds a
// DescriptorHeader and two UTF-8 texts behind it: what the key and the value format say of
// themselves.

inline constexpr std::byte table_record_tag{0x01};
inline constexpr std::byte descriptor_tag{0x02};
inline constexpr std::uint32_t max_table_name_size = 512;
inline constexpr std::uint32_t max_descriptor_size = 1 << 20;  ///< both texts together

struct TableRecord {
  U32le id;                     //  0  TableId
  U32le root;                   //  4  page number of the tree's root; 0: empty table
  U64le entry_count;            //  8
  U48le created;                // 16  the transaction that made the table
  std::uint8_t level;           // 22  of the root
  std::uint8_t alignment_log2;  // 23  of its values
  U64le flags;                  // 24  zero
};
static_assert(OnDisk<TableRecord> && sizeof(TableRecord) == 32);

struct DescriptorHeader {
  U32le key_size;    //  0  bytes of the key format's text
  U32le value_size;  //  4  bytes of the value format's
};
static_assert(OnDisk<DescriptorHeader> && sizeof(DescriptorHeader) == 8);

// ---- Meta slot

inline constexpr char magic[16] = {'q', 'u', 'i', 'r',  'e',  ' ',    's',  't',
                                   'o', 'r', 'e', '\r', '\n', '\x1a', '\n', '\0'};
/// Of what is written; all lower ones are read.
inline constexpr std::uint32_t format_version = 2;

/// The tree of one of the tables with the smallest ids; all zero: there is no such table, or its
/// record in the catalog says where its tree is. Where this is not zero, that record's root, level
/// and count say nothing.
struct NearTable {
  U32le id;                     //  0  TableId
  U32le root;                   //  4  page number of the tree's root; 0: empty table
  U64le entry_count;            //  8
  std::uint8_t level;           // 16  of the root
  std::uint8_t alignment_log2;  // 17  of its values
  std::uint8_t reserved[6];     // 18  zero
};
static_assert(OnDisk<NearTable> && sizeof(NearTable) == 24);
inline constexpr std::size_t near_table_count = 16;

/// Where the redo log of a state lies. Its pages have no headers.
struct RedoArea {
  U32le first_page;  //  0
  U32le page_count;  //  4
  U48le born;        //  8  the transaction that took the pages
  U16le reserved;    // 14  zero
};
static_assert(OnDisk<RedoArea> && sizeof(RedoArea) == 16);

/// Set in the incompatible features of slots that have a RedoArea: who does not know it would miss
/// commits.
inline constexpr std::uint64_t redo_log_feature = 1;

inline constexpr std::size_t log_tail_room = 3528;
/// Of slots without a RedoArea, as older versions wrote them.
inline constexpr std::size_t log_tail_room_without_redo = log_tail_room + sizeof(RedoArea);

/// One of four; complete in itself. What its 4 KiB have no use for is zero.
struct MetaSlot {
  char magic[16];                    //   0
  U32le format_version;              //  16
  U32le page_size;                   //  20  bytes
  U64le compatible_features;         //  24  unknown bits may be ignored
  U64le read_only_features;          //  32  with unknown bits the file may only be read
  U64le incompatible_features;       //  40  with unknown bits the file may not be opened
  std::uint8_t file_id[16];          //  48  random, made at creation
  U64le sequence;                    //  64  rises with every slot written
  U48le txn;                         //  72  the committed state that this slot names
  U48le durable;                     //  78  everything born up to it is known to be on disk
  U48le ceiling;                     //  84  no page is written under an id at or above a synced one
  U48le log_born;                    //  90  the transaction that wrote the log head
  U32le page_count;                  //  96  first page number never handed out
  U32le catalog_root;                // 100  0: no table yet
  U64le catalog_entries;             // 104
  U32le log_page;                    // 112  head of the space log
  U32le next_table;                  // 116  the id that the next table gets
  std::uint8_t catalog_level;        // 120
  U16le log_tail_size;               //  121  bytes of log_tail in use
  std::uint8_t reserved[5];          //  123  zero
  U64le time;                        // 128  of the commit, nanoseconds since 1970, UTC
  std::uint8_t boot_id[16];          // 136  of the system run that wrote this slot
  NearTable near[near_table_count];  // 152  of tables 1 to 16, in this order
  std::uint8_t log_tail[log_tail_room];  // 536  LogTailRecords: of the log, newer than log_page
  RedoArea redo;                         // 4064 with redo_log_feature; else more of log_tail
  U64le checksum[2];                     // 4080 XXH3-128 of all before
};
static_assert(OnDisk<MetaSlot> && sizeof(MetaSlot) == meta_slot_size &&
              offsetof(MetaSlot, sequence) == 64 && offsetof(MetaSlot, page_count) == 96 &&
              offsetof(MetaSlot, catalog_level) == 120 && offsetof(MetaSlot, boot_id) == 136 &&
              offsetof(MetaSlot, near) == 152 && offsetof(MetaSlot, log_tail) == 536 &&
              offsetof(MetaSlot, redo) == 4064 && offsetof(MetaSlot, checksum) == 4080);

}  // namespace quire::layout
