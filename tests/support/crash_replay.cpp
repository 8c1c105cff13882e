// Replaying operations on files and names.
#include "support/crash_replay.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "quire/engine/base/assert.hpp"

namespace quire::test {
namespace {

BlockNo block_at(std::uint64_t offset) { return static_cast<BlockNo>(offset / block_size); }

/// Whether a block reached the disk before a sync failed.
bool survives(std::uint64_t seed, BlockNo block) {
  return seed != 0 && ((seed + block) * 0x9E37'79B9'7F4A'7C15 >> 63) != 0;
}

}  // namespace

FileHistory::FileHistory(std::vector<std::byte> durable)
    : durable_(std::move(durable)), cache_(durable_), sizes_{durable_.size()} {}

std::uint64_t FileHistory::largest_size() const { return *std::ranges::max_element(sizes_); }

void FileHistory::write(std::size_t operation, std::uint64_t offset, Bytes bytes) {
  QUIRE_ASSERT(offset + bytes.size() <= cache_.size());
  copy_bytes(cache_.data() + offset, bytes);
  if (!bytes.empty()) add_versions(operation, offset, offset + bytes.size());
}

void FileHistory::add_versions(std::size_t operation, std::uint64_t begin, std::uint64_t end) {
  for (BlockNo block = block_at(begin); block <= block_at(end - 1); ++block) {
    auto content = std::make_unique<std::array<std::byte, block_size>>();
    const std::size_t start = block * block_size;
    copy_bytes(content->data(),
               Bytes(cache_).subspan(start, std::min(block_size, cache_.size() - start)));
    dirty_[block].versions.push_back({operation, std::move(content)});
  }
}

void FileHistory::resize(std::size_t operation, std::uint64_t size) {
  const std::uint64_t old_size = cache_.size();
  const std::uint64_t largest = largest_size();
  cache_.resize(size);
  sizes_.push_back(size);
  // Growing over what was cut off since the last sync: there the disk may have old bytes, and zeros
  // are what it must have in the end.
  const std::uint64_t stale_end = std::min(size, largest);
  if (old_size < stale_end) add_versions(operation, old_size, stale_end);
}

void FileHistory::begin_sync(std::uint64_t offset, std::uint64_t length) {
  const bool is_whole = length == 0;
  for (auto& [block, dirty] : dirty_) {
    const std::uint64_t begin = std::uint64_t{block} * block_size;
    const bool is_covered = is_whole || (begin < offset + length && offset < begin + block_size);
    if (is_covered) dirty.begun = dirty.versions.size();
  }
  if (is_whole) sizes_begun_ = sizes_.size();
}

/// Makes clean what the sync in flight covers; reaches(block) says whether the disk gets it.
template <class Reaches>
void FileHistory::clean_begun(Reaches reaches) {
  for (auto entry = dirty_.begin(); entry != dirty_.end();) {
    auto& [block, dirty] = *entry;
    if (dirty.begun != 0 && reaches(block)) make_durable(block, dirty.versions[dirty.begun - 1]);
    dirty.versions.erase(dirty.versions.begin(),
                         dirty.versions.begin() + static_cast<std::ptrdiff_t>(dirty.begun));
    dirty.begun = 0;
    entry = dirty.versions.empty() ? dirty_.erase(entry) : std::next(entry);
  }
}

void FileHistory::make_durable(BlockNo block, const BlockVersion& version) {
  const std::size_t start = block * block_size;
  durable_.resize(std::max(durable_.size(), start + block_size));
  copy_bytes(durable_.data() + start, *version.content);
}

void FileHistory::finish_sync() {
  clean_begun([](BlockNo) { return true; });
  sizes_.erase(sizes_.begin(), sizes_.begin() + static_cast<std::ptrdiff_t>(sizes_begun_ - 1));
  sizes_begun_ = 1;
  cut_durable(sizes_.front());
}

void FileHistory::fail_sync(std::uint64_t survivors_seed) {
  clean_begun([&](BlockNo block) { return survives(survivors_seed, block); });
}

/// Bytes beyond a size that is durable are gone, whatever the size becomes later.
void FileHistory::cut_durable(std::uint64_t size) {
  if (size < durable_.size()) durable_.resize(size);
}

void FileHistory::evict() {
  for (std::size_t start = 0; start < cache_.size(); start += block_size) {
    if (dirty_.contains(block_at(start))) continue;
    const std::size_t size = std::min(block_size, cache_.size() - start);
    const std::size_t known = std::min(size, durable_.size() - std::min(durable_.size(), start));
    std::memset(cache_.data() + start + known, 0, size - known);
    if (known != 0) std::memcpy(cache_.data() + start, durable_.data() + start, known);
  }
}

Replay::Replay(const Recording& recording) : recording_(recording), names_(recording.names) {
  for (const auto& content : recording.files) files_.emplace_back(content);
}

void Replay::advance_to(std::size_t count) {
  QUIRE_ASSERT(position_ <= count && count <= recording_.operations.size());
  for (; position_ < count; ++position_) apply(recording_.operations[position_]);
}

void Replay::apply(const Operation& operation) {
  using enum Operation::Kind;
  switch (operation.kind) {
    case create: files_.emplace_back(std::vector<std::byte>()); [[fallthrough]];
    case rename:
    case remove: unsynced_names_.push_back(&operation); break;
    case begin_directory_sync: names_begun_ = unsynced_names_.size(); break;
    case finish_directory_sync:
      names_ = names_after(names_begun_);
      unsynced_names_.erase(unsynced_names_.begin(),
                            unsynced_names_.begin() + static_cast<std::ptrdiff_t>(names_begun_));
      break;
    case fail_directory_sync: break;
    default: apply_to_file(operation);
  }
}

void Replay::apply_to_file(const Operation& operation) {
  using enum Operation::Kind;
  FileHistory& file = files_[operation.file];
  switch (operation.kind) {
    case write: file.write(position_, operation.offset, recording_.written(operation)); break;
    case resize: file.resize(position_, operation.length); break;
    case begin_sync: file.begin_sync(operation.offset, operation.length); break;
    case finish_sync: file.finish_sync(); break;
    case fail_sync: file.fail_sync(operation.length); break;
    default: file.evict();
  }
}

Names Replay::names_after(std::size_t count) const {
  Names names = names_;
  for (const Operation* change : std::span(unsynced_names_).first(count)) {
    if (change->kind == Operation::Kind::create) {
      names[change->name] = change->file;
    } else if (change->kind == Operation::Kind::rename) {
      if (auto node = names.extract(change->name)) names[change->target] = node.mapped();
    } else {
      names.erase(change->name);
    }
  }
  return names;
}

}  // namespace quire::test
