// WatchedFiles: tells what is written to data files, and fails it when asked to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "quire/engine/page/layout.hpp"
#include "support/forwarding_files.hpp"

namespace quire::test {

/// What was done to the data file since the last clear().
struct Watch {
  std::uint32_t page_size = 0;
  std::set<std::uint64_t> written;  ///< pages
  bool is_any_written_twice = false;
  bool fails_to_write = false;

  void clear() {
    written.clear();
    is_any_written_twice = false;
  }
};

class WatchedFile final : public ForwardingFile {
 public:
  WatchedFile(std::unique_ptr<File> file, Watch& watch)
      : ForwardingFile(std::move(file)), watch_(watch) {}

  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    const std::uint64_t first = offset / watch_.page_size;
    if (first < layout::first_page(watch_.page_size)) return ForwardingFile::write(offset, pieces);
    if (watch_.fails_to_write) return fail(ErrorCode::io_failed);
    std::uint64_t size = 0;
    for (const Bytes piece : pieces) size += piece.size();
    if (are_zeros(pieces)) return ForwardingFile::write(offset, pieces);
    for (std::uint64_t page = first; page * watch_.page_size < offset + size; ++page)
      watch_.is_any_written_twice |= !watch_.written.insert(page).second;
    return ForwardingFile::write(offset, pieces);
  }

 private:
  /// What a file that grows is filled with.
  static bool are_zeros(std::span<const Bytes> pieces) {
    return std::ranges::all_of(pieces, [](Bytes piece) {
      return std::ranges::all_of(piece, [](std::byte byte) { return byte == std::byte{}; });
    });
  }

  Watch& watch_;
};

class WatchedFiles final : public ForwardingFiles {
 public:
  WatchedFiles(FileSystem& files, Watch& watch) : ForwardingFiles(files), watch_(watch) {}

 protected:
  std::unique_ptr<ForwardingFile> wrap(std::unique_ptr<File> file) override {
    return std::make_unique<WatchedFile>(std::move(file), watch_);
  }

 private:
  Watch& watch_;
};

}  // namespace quire::test
