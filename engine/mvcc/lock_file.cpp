#include "quire/engine/mvcc/lock_file.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "quire/engine/base/overlay.hpp"
#include "quire/engine/mvcc/reader_watch.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {
namespace {

constexpr std::uint32_t most_slots = 1U << 20;

Failure not_ours(const std::string& path, const char* why) {
  return fail(Error(ErrorCode::busy).with_detail(path + ": " + why));
}

Status check(const ControlHeader& header, std::uint64_t size, const LockFileOwner& owner,
             const std::string& path) {
  if (header.magic != control_magic) return not_ours(path, "it is no lock file of a database");
  if (header.version != control_version)
    return not_ours(path, "another version of the library has the database open");
  const bool is_whole = header.slot_count > 0 && header.slot_count <= most_slots &&
                        size == ControlBlock::size_with(header.slot_count);
  const bool has_pages = std::has_single_bit(header.page_size) &&
                         header.page_size >= layout::min_page_size &&
                         header.page_size <= layout::max_page_size;
  if (!is_whole || !has_pages) return not_ours(path, "what it says makes no sense");
  if (header.file != owner.file || header.boot_id != owner.boot_id)
    return not_ours(path, "it is that of another file");
  return {};
}

/// The words of a block, as bytes that nobody changes any more.
using WordBytes = std::array<std::byte, offsetof(ControlBlock, processes)>;

template <class T>
T take(const WordBytes& bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

LeftWords words_of(const WordBytes& bytes) {
  constexpr std::size_t writer = offsetof(ControlBlock, writer);
  constexpr std::size_t sync = offsetof(ControlBlock, sync);
  const auto word = [&](std::size_t offset) { return take<std::uint64_t>(bytes, offset); };
  const auto four = [&](std::size_t offset) {
    return take<std::array<std::uint64_t, 4>>(bytes, offset);
  };
  return {
      .header = take<ControlHeader>(bytes, 0),
      .published = word(offsetof(ControlBlock, readers)),
      .written = word(writer + offsetof(WriterLine, written)),
      .active = word(writer + offsetof(WriterLine, active)),
      .used = word(writer + offsetof(WriterLine, used)),
      .ceiling = word(writer + offsetof(WriterLine, ceiling)),
      .sequence = word(writer + offsetof(WriterLine, sequence)),
      .is_touched = word(writer + offsetof(WriterLine, is_touched)),
      .slot_sequences = four(writer + offsetof(WriterLine, slot_sequences)),
      .space = four(writer + offsetof(WriterLine, free_pages)),
      .written_bytes = word(sync + offsetof(SyncLine, written_bytes)),
      .writes = word(sync + offsetof(SyncLine, writes)),
      .syncing = word(sync + offsetof(SyncLine, syncing)),
      .durable = word(sync + offsetof(SyncLine, durable)),
      .synced_ceiling = word(sync + offsetof(SyncLine, synced_ceiling)),
      .covered_bytes = word(sync + offsetof(SyncLine, covered_bytes)),
      .covered_writes = word(sync + offsetof(SyncLine, covered_writes)),
      .poison = word(sync + offsetof(SyncLine, poison)),
  };
}

}  // namespace

std::span<ReaderSlot> slots_in(std::byte* block, std::uint32_t count) {
  return {shared_overlay<ReaderSlot>(block + sizeof(ControlBlock)), count};
}

std::span<ReaderSlot> used_slots_in(const ControlBlock& block, std::span<ReaderSlot> slots) {
  const std::uint64_t used = block.writer.used_slots.load();
  return slots.first(std::min<std::uint64_t>(used, slots.size()));
}

Result<LockFile> LockFile::create(const std::string& data_path, std::uint32_t slot_count) {
  const std::string path = path_beside(data_path, "-lock");
  Result<SharedFile> file = SharedFile::create(path, ControlBlock::size_with(slot_count));
  if (!file) return fail(file);
  return LockFile(*std::move(file), path, slot_count);
}

Result<LockFile> LockFile::join(const std::string& data_path, const LockFileOwner& owner) {
  const std::string path = path_beside(data_path, "-lock");
  Result<SharedFile> file = SharedFile::open(path);
  if (!file) return fail(file);
  ControlHeader header;
  if (Status read = file->read(std::as_writable_bytes(std::span(&header, 1))); !read)
    return fail(read);
  const Result<std::uint64_t> size = file->size();
  if (!size) return fail(size);
  if (Status ours = check(header, *size, owner, path); !ours) return fail(ours);
  if (!file->is_any_locked(0, ControlBlock::process_count))
    return not_ours(path, "it was left behind; the database is open under another path");
  return LockFile(*std::move(file), path, header.slot_count);
}

std::optional<LeftWords> LockFile::left(const std::string& data_path, const LockFileOwner& owner) {
  const std::string path = path_beside(data_path, "-lock");
  const Result<SharedFile> file = SharedFile::open(path);
  WordBytes bytes;
  if (!file || !file->read(bytes)) return std::nullopt;
  const LeftWords words = words_of(bytes);
  const Result<std::uint64_t> size = file->size();
  const bool is_ours = size && check(words.header, *size, owner, path);
  const bool lives = file->is_any_locked(0, ControlBlock::process_count);
  return is_ours && !lives ? std::optional(words) : std::nullopt;
}

void LockFile::discard_left(const std::string& data_path, const LockFileOwner& owner) {
  const Result<SharedFile> file = SharedFile::open(path_beside(data_path, "-lock"));
  ControlHeader header;
  if (!file || !file->read(std::as_writable_bytes(std::span(&header, 1)))) return;
  if (header.magic == control_magic && header.file == owner.file) file->remove();
}

Status LockFile::show_in(StableMemory& memory) {
  if (Status shown = file_.show_in(memory); !shown) return shown;
  block_ = shared_overlay<ControlBlock>(memory.data());
  slots_ = slots_in(memory.data(), slot_count_);
  return {};
}

Status LockFile::enter(std::uint64_t now) {
  for (std::uint32_t number = 0; number < ControlBlock::process_count; ++number) {
    if (!file_.try_lock(number)) continue;
    clear(number);
    process_ = number;
    introduce(block_->processes[number], now);
    return {};
  }
  return fail(Error(ErrorCode::too_many_readers)
                  .with_detail("128 processes have the file open, which is the most"));
}

void LockFile::clear(std::uint32_t process) const {
  for (ReaderSlot& slot : used_slots_in(*block_, slots_)) {
    if (!SlotOwner::is_of(slot.owner.load(), process)) continue;
    slot.word.store(0);
    slot.give_up();
  }
}

void LockFile::clear_dead() const {
  for (std::uint32_t number = 0; number < ControlBlock::process_count; ++number) {
    ProcessEntry& entry = block_->processes[number];
    if (number == process_ || entry.id.load() == 0 || !file_.try_lock(number)) continue;
    clear(number);
    entry.id.store(0);
    file_.unlock(number);
  }
}

bool LockFile::is_alive(std::uint32_t process) const {
  return process == process_ || file_.is_any_locked(process, 1);
}

void LockFile::leave() noexcept {
  if (process_ != no_process) {
    clear(process_);
    block_->processes[process_].id.store(0);
    file_.unlock(process_);
  }
  file_.close();
}

}  // namespace quire
