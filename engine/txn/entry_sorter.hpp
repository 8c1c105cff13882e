// EntrySorter: brings entries into key order within a budget of memory.
//
// What does not fit is sorted by pieces, which wait as runs in a file beside the database; the runs
// are merged when all is there (D. Knuth, The Art of Computer Programming 3, 5.4: external
// sorting). Keys are compared by the eight bytes behind what all of a piece share, as in leaves;
// only where these are equal are whole keys looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/page/leaf_view.hpp"

namespace quire {

/// An entry that waits to be stored. Refers to bytes of the sorter.
struct WaitingEntry {
  Bytes key;
  LeafValue value;
};

/// Not thread-safe. Nothing but to be destroyed after a failure.
class EntrySorter {
 public:
  /// The file, which nobody but this opens, is made beside path when it is needed, and goes with
  /// the sorter.
  EntrySorter(FileSystem& files, std::string path, std::uint64_t memory);

  /// Keeps a copy. no_space, io_failed.
  Status add(Bytes key, const LeafValue& value);

  /// How many were added, and whether each came behind the one before it.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool is_in_order() const { return is_in_order_; }
  /// The key that was added last. Needs that nothing has been put into the file.
  [[nodiscard]] Bytes last_key() const { return entry_at(newest_).key; }

  /// All that were added are read from now on, in key order; those of equal keys in the order in
  /// which they were added.
  Status begin_reading();
  /// The next entry, valid until the next call; none: that was the last one.
  [[nodiscard]] const WaitingEntry* next();

  /// As it was at first.
  void clear();

 private:
  /// An entry in memory, by the bytes that it is sorted by.
  struct Item {
    std::uint64_t head;
    std::uint64_t offset;
  };
  /// Where the reading of a run is.
  struct Run {
    const std::byte* at = nullptr;  ///< the next record, of a run in the file
    const std::byte* end = nullptr;
    const Item* item = nullptr;  ///< the next one, of the run in memory
    const Item* last_item = nullptr;
    std::size_t number = 0;  ///< entries of lower ones were added earlier
    std::uint64_t head = 0;
    WaitingEntry entry = {};
  };

  [[nodiscard]] std::span<Item> items() const;
  [[nodiscard]] static WaitingEntry entry_of(const std::byte* record);
  [[nodiscard]] WaitingEntry entry_at(std::uint64_t offset) const {
    return entry_of(memory_ + offset);
  }
  void sort();
  void sort_equal_heads(std::span<Item> items) const;
  Status spill();
  Status write(Bytes bytes);
  Status flush();
  bool advance(Run& run) const;
  [[nodiscard]] static bool is_before(const Run& left, const Run& right);
  void sink_first();

  FileSystem& files_;
  std::string path_;
  std::uint64_t size_;
  std::unique_ptr<Item[]> room_;
  std::byte* memory_;  ///< the same: records from the front, items from the back
  std::uint64_t used_ = 0;
  std::uint64_t item_count_ = 0;
  std::uint64_t newest_ = 0;
  std::size_t shared_ = 0;  ///< bytes that all keys in memory begin with
  std::uint64_t count_ = 0;
  bool is_in_order_ = true;

  std::unique_ptr<File> file_;
  std::uint64_t file_size_ = 0;
  std::vector<std::byte> buffer_;
  std::vector<std::uint64_t> run_ends_;

  std::vector<Run> heap_;  ///< what each run has next; the first comes first
  bool has_shown_ = false;
};

}  // namespace quire
