// Replaying what a program did to its files, with what each step makes durable.
//
// A Recording is a list of operations over first contents. A Replay is the state between two of
// them: for each file what the cache shows, what the disk surely has, and what may be on the disk.
//
// The model of the cache: a write makes the 4 KiB blocks that it touches dirty, whole. A sync makes
// the dirty blocks durable as they were when it began. A sync that fails makes them clean without
// the disk having them; only another write to a block makes it dirty again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "quire/engine/base/bytes.hpp"

namespace quire::test {

/// What a cache holds and writes back as one.
inline constexpr std::size_t block_size = 4096;
/// What a disk writes as a whole or not at all.
inline constexpr std::size_t sector_size = 512;
inline constexpr std::size_t sectors_per_block = block_size / sector_size;

using BlockNo = std::uint32_t;
using FileNo = std::uint32_t;

/// One thing done to the files. The stops are `write`, `begin_sync` and `begin_directory_sync`.
struct Operation {
  enum class Kind : std::uint8_t {
    create,  // name: of the new file
    rename,  // name, target
    remove,  // name
    begin_directory_sync,
    finish_directory_sync,
    fail_directory_sync,
    write,       // offset, length; the bytes lie in the log from log_offset on
    resize,      // length: the new size
    begin_sync,  // length: 0 for all of the file, else of the part from offset on
    finish_sync,
    fail_sync,  // length: 0 when nothing reached the disk, else a seed of what did
    evict,      // the cache forgets clean blocks and reads them from the disk again
  };

  Kind kind{};
  FileNo file = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::size_t log_offset = 0;
  std::string name{};
  std::string target{};

  [[nodiscard]] bool is_stop() const {
    return kind == Kind::write || kind == Kind::begin_sync || kind == Kind::begin_directory_sync;
  }
};

using Names = std::map<std::string, FileNo>;

struct Recording {
  std::vector<std::vector<std::byte>> files;  // durable before the first operation
  Names names;
  std::vector<Operation> operations;
  std::vector<std::byte> log;

  [[nodiscard]] Bytes written(const Operation& write) const {
    return Bytes(log).subspan(write.log_offset, write.length);
  }
};

/// What a write left in one block.
struct BlockVersion {
  std::size_t operation;  // its index in the recording
  std::unique_ptr<std::array<std::byte, block_size>> content;
};

/// One file at one moment of a replay.
class FileHistory {
 public:
  explicit FileHistory(std::vector<std::byte> durable);

  void write(std::size_t operation, std::uint64_t offset, Bytes bytes);
  void resize(std::size_t operation, std::uint64_t size);
  /// Of the blocks that hold these bytes; no length: of all, and of the size.
  void begin_sync(std::uint64_t offset, std::uint64_t length);
  void finish_sync();
  void fail_sync(std::uint64_t survivors_seed);
  void evict();

  /// What the disk surely has, zeros where it has nothing.
  [[nodiscard]] Bytes durable() const { return durable_; }
  /// What reading shows.
  [[nodiscard]] Bytes cache() const { return cache_; }
  /// The size that the disk surely has, then every later one that it may have, oldest first.
  [[nodiscard]] const std::vector<std::uint64_t>& sizes() const { return sizes_; }
  [[nodiscard]] std::uint64_t largest_size() const;

  /// What was written to a block since it was last clean, oldest first.
  struct Dirty {
    std::vector<BlockVersion> versions;
    std::size_t begun = 0;  // how many of them the sync in flight covers
  };
  [[nodiscard]] const std::map<BlockNo, Dirty>& dirty() const { return dirty_; }

 private:
  void add_versions(std::size_t operation, std::uint64_t begin, std::uint64_t end);
  void make_durable(BlockNo block, const BlockVersion& version);
  template <class Reaches>
  void clean_begun(Reaches reaches);
  void cut_durable(std::uint64_t size);

  std::vector<std::byte> durable_;
  std::vector<std::byte> cache_;
  std::vector<std::uint64_t> sizes_;
  std::size_t sizes_begun_ = 1;
  std::map<BlockNo, Dirty> dirty_;
};

/// The state after some operations of a recording, which must outlive it.
class Replay {
 public:
  explicit Replay(const Recording& recording);

  /// Applies the next operations, up to `count` in all.
  void advance_to(std::size_t count);
  [[nodiscard]] std::size_t position() const { return position_; }

  [[nodiscard]] const std::vector<FileHistory>& files() const { return files_; }

  /// The names that the disk surely has, and how many later changes of names it may have.
  [[nodiscard]] std::size_t unsynced_name_count() const { return unsynced_names_.size(); }
  /// The names when the first `count` of those changes are on the disk.
  [[nodiscard]] Names names_after(std::size_t count) const;

 private:
  void apply(const Operation& operation);
  void apply_to_file(const Operation& operation);

  const Recording& recording_;
  std::size_t position_ = 0;
  std::vector<FileHistory> files_;
  Names names_;
  std::vector<const Operation*> unsynced_names_;
  std::size_t names_begun_ = 0;
};

}  // namespace quire::test
