#include "quire/engine/txn/entry_sorter.hpp"

#include <algorithm>
#include <array>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <cstring>
#include <utility>

#include "quire/engine/base/prefetch.hpp"
#include "quire/engine/page/head.hpp"

namespace quire {
namespace {

/// What precedes an entry's bytes, in memory and in the file.
struct RecordHeader {
  std::uint32_t key_size;
  std::uint32_t value_size;  ///< the top bit: it lies in pages of its own
};
constexpr std::uint32_t large_bit = 0x8000'0000;

/// Bytes written by one call.
constexpr std::size_t written_size = std::size_t{1} << 20;
/// Bytes that the file grows by, at least.
constexpr std::uint64_t least_growth = std::uint64_t{64} << 20;
/// Room for some entries, whatever is asked for.
constexpr std::uint64_t least_memory = std::uint64_t{1} << 20;
/// How many entries ahead of their turn are brought near.
constexpr std::ptrdiff_t look_ahead = 8;
/// Of each, in bytes.
constexpr std::size_t front_size = 2 * cache_line_size;

RecordHeader header_of(const std::byte* record) {
  RecordHeader header{};
  std::memcpy(&header, record, sizeof(header));
  return header;
}

std::size_t record_size(const RecordHeader& header) {
  const std::size_t size = sizeof(header) + header.key_size + (header.value_size & ~large_bit);
  return (size + alignof(std::uint64_t) - 1) & ~(alignof(std::uint64_t) - 1);
}

}  // namespace

EntrySorter::EntrySorter(FileSystem& files, std::string path, std::uint64_t memory)
    : files_(files),
      path_(std::move(path)),
      size_(std::max(memory, least_memory) / sizeof(Item) * sizeof(Item)),
      room_(std::make_unique_for_overwrite<Item[]>(size_ / sizeof(Item))),
      memory_(std::as_writable_bytes(std::span(room_.get(), size_ / sizeof(Item))).data()) {}

void EntrySorter::clear() {
  file_.reset();
  used_ = item_count_ = newest_ = count_ = file_size_ = 0;
  shared_ = 0;
  is_in_order_ = true;
  buffer_.clear();
  run_ends_.clear();
  heap_.clear();
  has_shown_ = false;
}

// ---- Adding

std::span<EntrySorter::Item> EntrySorter::items() const {
  Item* const end = room_.get() + size_ / sizeof(Item);
  return {end - item_count_, item_count_};
}

WaitingEntry EntrySorter::entry_of(const std::byte* record) {
  const RecordHeader header = header_of(record);
  const std::byte* const key = record + sizeof(header);
  const bool is_large = (header.value_size & large_bit) != 0;
  return {{key, header.key_size},
          {{key + header.key_size, header.value_size & ~large_bit}, is_large}};
}

Status EntrySorter::add(Bytes key, const LeafValue& value) {
  const RecordHeader header{
      static_cast<std::uint32_t>(key.size()),
      static_cast<std::uint32_t>(value.bytes.size()) | (value.is_overflow ? large_bit : 0U)};
  const std::size_t size = record_size(header);
  if (used_ + size + (item_count_ + 1) * sizeof(Item) > size_) {
    if (Status done = spill(); !done) return done;
  }
  if (item_count_ == 0) {
    shared_ = key.size();
  } else {
    is_in_order_ = is_in_order_ && compare(last_key(), key) < 0;
    shared_ = shared_prefix(entry_at(0).key.first(shared_), key);
  }
  std::byte* const record = memory_ + used_;
  std::memcpy(record, &header, sizeof(header));
  copy_bytes(record + sizeof(header), key);
  copy_bytes(record + sizeof(header) + key.size(), value.bytes);
  ++item_count_;
  items().front() = {0, used_};
  newest_ = used_;
  used_ += size;
  ++count_;
  return {};
}

// ---- Sorting what is in memory

void EntrySorter::sort() {
  const std::span<Item> items = this->items();
  for (Item& item : items) item.head = head_at(entry_at(item.offset).key, shared_);
  boost::sort::spreadsort::integer_sort(
      items.begin(), items.end(),
      [](const Item& item, unsigned shift) { return item.head >> shift; },
      [](const Item& left, const Item& right) { return left.head < right.head; });
  for (auto begin = items.begin(); begin != items.end();) {
    auto end = std::next(begin);
    while (end != items.end() && end->head == begin->head) ++end;
    if (end - begin > 1) sort_equal_heads({begin, end});
    begin = end;
  }
}

void EntrySorter::sort_equal_heads(std::span<Item> items) const {
  std::sort(items.begin(), items.end(), [&](const Item& left, const Item& right) {
    const auto order = compare(entry_at(left.offset).key, entry_at(right.offset).key);
    return order != 0 ? order < 0 : left.offset < right.offset;
  });
}

// ---- Runs in the file

Status EntrySorter::spill() {
  sort();
  const std::span<Item> items = this->items();
  for (auto item = items.begin(); item != items.end(); ++item) {
    if (items.end() - item > look_ahead) prefetch(memory_ + item[look_ahead].offset, front_size);
    const std::byte* const record = memory_ + item->offset;
    if (Status done = write({record, record_size(header_of(record))}); !done) return done;
  }
  if (Status done = flush(); !done) return done;
  run_ends_.push_back(file_size_);
  used_ = item_count_ = 0;
  is_in_order_ = false;  // nobody knows any more
  return {};
}

Status EntrySorter::write(Bytes bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return buffer_.size() < written_size ? Status() : flush();
}

Status EntrySorter::flush() {
  if (buffer_.empty()) return {};
  if (!file_) {
    auto file = files_.create_beside(path_);
    if (!file) return fail(file);
    file_ = std::move(*file);
    files_.discard(*file_);  // the name goes at once, so that a crash leaves nothing behind
  }
  const auto size = file_->size();
  if (!size) return fail(size);
  const std::uint64_t needed = file_size_ + buffer_.size();
  if (needed > *size) {
    if (Status grown = file_->grow(std::max(needed, *size + least_growth)); !grown) return grown;
  }
  const Bytes piece(buffer_);
  if (Status done = file_->write(file_size_, {&piece, 1}); !done) return done;
  file_size_ = needed;
  buffer_.clear();
  return {};
}

// ---- Reading

Status EntrySorter::begin_reading() {
  if (!is_in_order_)
    sort();
  else
    std::ranges::reverse(items());
  heap_.clear();
  has_shown_ = false;
  const std::byte* at = nullptr;
  if (file_) {
    const Result<Bytes> map = file_->map(file_size_);
    if (!map) return fail(map);
    at = map->data();
  }
  const std::byte* const begin = at;
  for (const std::uint64_t end : run_ends_) {
    heap_.push_back({.at = at, .end = begin + end, .number = heap_.size()});
    at = begin + end;
  }
  const std::span<Item> items = this->items();
  heap_.push_back(
      {.item = items.data(), .last_item = items.data() + items.size(), .number = heap_.size()});
  std::erase_if(heap_, [&](Run& run) { return !advance(run); });
  std::sort(heap_.begin(), heap_.end(), is_before);  // which is a heap, too
  return {};
}

/// To the next entry of the run; false: there is none.
bool EntrySorter::advance(Run& run) const {
  const std::byte* record = nullptr;
  if (run.item == nullptr) {
    if (run.at == run.end) return false;
    record = run.at;
    run.at += record_size(header_of(record));
  } else {
    if (run.item == run.last_item) return false;
    if (run.last_item - run.item > look_ahead)
      prefetch(memory_ + run.item[look_ahead].offset, front_size);
    record = memory_ + run.item->offset;
    ++run.item;
  }
  run.entry = entry_of(record);
  run.head = head_at(run.entry.key, 0);
  return true;
}

bool EntrySorter::is_before(const Run& left, const Run& right) {
  if (left.head != right.head) return left.head < right.head;
  const auto order = compare(left.entry.key, right.entry.key);
  return order != 0 ? order < 0 : left.number < right.number;
}

/// The first run has another entry: it goes where that belongs.
void EntrySorter::sink_first() {
  for (std::size_t at = 0;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) return;
    if (child + 1 < heap_.size() && is_before(heap_[child + 1], heap_[child])) ++child;
    if (!is_before(heap_[child], heap_[at])) return;
    std::swap(heap_[child], heap_[at]);
    at = child;
  }
}

const WaitingEntry* EntrySorter::next() {
  if (heap_.empty()) return nullptr;
  if (has_shown_) {
    if (!advance(heap_.front())) {
      heap_.front() = heap_.back();
      heap_.pop_back();
    }
    sink_first();
  }
  has_shown_ = true;
  return heap_.empty() ? nullptr : &heap_.front().entry;
}

}  // namespace quire
