// The directory of one store, and what the disk says of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace bench::peers {

/// A directory for one store, empty at first; goes with this.
class Home {
 public:
  /// Within a directory that is there.
  Home(const std::string& parent, const std::string& name);
  Home(Home&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(std::move(other.device_)) {}
  Home& operator=(Home&&) = delete;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  void clear() const;

  /// Bytes that its files take on the disk, holes not counted.
  [[nodiscard]] std::uint64_t size() const;

  /// Bytes that the device below has been given to write so far, by its own counter
  /// (/sys/dev/block); 0 where there is none. The kernel's account of the process (write_bytes in
  /// /proc/self/io) would leave out what others write at the same time, but counts whole folios for
  /// a page of them, which makes some engines look ten times worse than they are.
  [[nodiscard]] std::uint64_t device_written() const;

  // For a store that is closed: an engine may lose its locks on files that somebody else closes.

  /// Brings all files to the disk, where their pages are clean then.
  void sync() const;
  /// Has the system forget what it keeps of the files in memory. They must be synced.
  void evict() const;

 private:
  std::string path_;
  std::string device_;  ///< the file with its counters
};

}  // namespace bench::peers
