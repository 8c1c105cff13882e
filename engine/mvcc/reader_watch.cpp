#include "quire/engine/mvcc/reader_watch.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "quire/engine/file/posix_process.hpp"

namespace quire {
namespace {

using NameBytes = std::array<char, 32>;

bool has_pins(std::uint64_t word) {
  return SlotWord::count(word) != 0 && word != SlotWord::retired;
}

/// Whether a limit is set, and passed.
template <class Amount>
bool passes(Amount amount, Amount limit) {
  return limit > Amount{} && amount > limit;
}

}  // namespace

void write_name(NameWords& words, std::string_view name) {
  NameBytes bytes{};
  std::copy_n(name.begin(), std::min(name.size(), bytes.size()), bytes.begin());
  std::array<std::uint64_t, 4> numbers;
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  for (std::size_t at = 0; at < words.size(); ++at)
    words[at].store(numbers[at], std::memory_order_relaxed);
}

std::string read_name(const NameWords& words) {
  std::array<std::uint64_t, 4> numbers;
  for (std::size_t at = 0; at < words.size(); ++at)
    numbers[at] = words[at].load(std::memory_order_relaxed);
  NameBytes bytes;
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return {bytes.begin(), std::find(bytes.begin(), bytes.end(), '\0')};
}

void introduce(ProcessEntry& entry, std::uint64_t now) {
  entry.started.store(now);
  write_name(entry.name, posix_program_name());
  entry.id.store(static_cast<std::uint64_t>(posix_process_id()));
}

ReaderInfo ReaderView::describe(const ReaderSlot& slot, std::uint64_t word,
                                std::uint64_t now) const {
  const std::uint32_t process = SlotOwner::process(slot.owner.load()) % ControlBlock::process_count;
  const ProcessEntry& entry = block.processes[process];
  ReaderInfo reader;
  reader.txn = SlotWord::txn(word);
  const bool is_named = slot.named.load() == reader.txn.value;
  reader.name = is_named ? read_name(slot.name) : read_name(entry.name);
  reader.process_id = entry.id.load();
  reader.lag = published.value - std::min(published.value, reader.txn.value);
  reader.pins = SlotWord::count(word);
  reader.since = slot.since.load();
  if (slot.aged.load() == reader.txn.value) {
    const std::uint64_t old_since = slot.old_since.load();
    reader.age = std::chrono::nanoseconds(now - std::min(now, old_since));
    reader.kept_bytes = slot.kept_pages.load() * page_size;
  }
  reader.is_stale = lock_file != nullptr && !lock_file->is_alive(process);
  reader.is_ousted = slot.ousted.load() == reader.txn.value;
  return reader;
}

std::vector<ReaderInfo> ReaderView::list() const {
  std::vector<ReaderInfo> readers;
  const std::uint64_t now = posix_coarse_time();
  for (const ReaderSlot& slot : slots) {
    const std::uint64_t word = slot.word.load();
    if (has_pins(word)) readers.push_back(describe(slot, word, now));
  }
  return readers;
}

void ReaderView::watch(const ReaderLimits& limits,
                       const std::function<std::uint64_t(TxnId)>& pages_kept_by) const {
  for (ReaderSlot& slot : slots) {
    const std::uint64_t word = slot.word.load();
    const TxnId txn = SlotWord::txn(word);
    if (!has_pins(word) || txn >= published) continue;
    const std::uint64_t now = posix_coarse_time();
    slot.kept_pages.store(pages_kept_by(txn));
    if (slot.aged.load() != txn.value) {
      slot.old_since.store(now);
      slot.aged.store(txn.value);
    }
    if (limits.is_any()) judge(slot, limits, describe(slot, word, now));
  }
}

void ReaderView::judge(ReaderSlot& slot, const ReaderLimits& limits, ReaderInfo reader) {
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(reader.age);
  const bool is_hard = passes(age, limits.hard_age) || passes(reader.kept_bytes, limits.hard_size);
  const bool is_soft = passes(age, limits.soft_age) || passes(reader.kept_bytes, limits.soft_size);
  if (is_hard && !reader.is_ousted) {
    slot.ousted.store(reader.txn.value);
    reader.is_ousted = true;
  } else if (!is_soft || slot.warned.exchange(reader.txn.value) == reader.txn.value) {
    return;
  }
  if (limits.callback) limits.callback(reader);
}

}  // namespace quire
