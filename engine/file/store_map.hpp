// StoreMap: writes a file through memory, for pages that lie here and there in it.
//
// A call of the system costs microseconds for each page that does not follow the last one. A store
// through a map costs a copy, once the system lets the page be stored to; it asks again after it
// has written the page to the disk. So this is for pages that are written again and again without
// a sync in between.
//
// No one else knows the address of the map, so that no view of the file can be written through.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/file/address_range.hpp"

namespace quire {

/// One thread at a time.
class StoreMap {
 public:
  /// Over an open file that can be read and written, with addresses for so many bytes. Without
  /// addresses nothing can be stored.
  void open(int descriptor, std::size_t size);
  [[nodiscard]] bool is_opened() const { return is_opened_; }

  /// Stores bytes in the file, which is that long already and has blocks for them. False, and
  /// nothing is done: the system would have to read the pages first, or there is no map.
  bool store(std::uint64_t offset, Bytes bytes);

  /// In a forked child, which shares no file: nothing is stored any more.
  void forget_file() noexcept;

 private:
  [[nodiscard]] bool is_in_memory(std::uint64_t offset) const;

  AddressRange range_;
  std::size_t reach_ = 0;  ///< bytes from the file's start on that can be stored to
  bool is_opened_ = false;
  bool is_warm_ = false;
  unsigned until_look_ = 0;  ///< stores before the next look at whether pages are in memory
};

}  // namespace quire
