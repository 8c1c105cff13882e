// ChunkReader: the part of a stream that waits for the disk.
//
// Invariant: what is in a chunk can be read without waiting for the disk, as long as memory is not
// short: each page that its keys and values lie in was touched.
#pragma once

#include <atomic>
#include <concepts>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "quire/api/async/stream_options.hpp"
#include "quire/api/range.hpp"
#include "quire/engine/engine.hpp"

namespace quire::detail {

/// Entries that follow each other, and what came behind them: more; or nothing, ever.
template <class EntryType>
struct ReadChunk {
  std::vector<EntryType> entries;
  bool is_last = false;
  std::optional<Error> failure;  ///< of the last one
};

/// For one thread at a time.
template <class EntryType>
class ChunkSource {
 public:
  ChunkSource() = default;
  ChunkSource(const ChunkSource&) = delete;
  ChunkSource& operator=(const ChunkSource&) = delete;
  virtual ~ChunkSource() = default;

  /// The entries that come next. Gives up in the middle when it is stopped.
  virtual ReadChunk<EntryType> read(const std::atomic<bool>& stopped) = 0;
};

/// Whether any thread may begin the range: one of a committed state that can be split.
template <class RangeType>
concept SharedRange =
    !RangeType::is_of_transaction && requires(RangeType range) { std::move(range).split(1); };

/// Reads the range that part(table) gives.
template <class Table, class Part>
class ChunkReader final : public ChunkSource<typename Table::Entry> {
  using EntryType = typename Table::Entry;
  using RangeType = std::invoke_result_t<Part&, const Table&>;
  using Key = decltype(EntryType::key);

 public:
  ChunkReader(const Table& table, Part part, StreamOptions options)
      : table_(table), part_(std::move(part)), options_(std::move(options)) {}

  ReadChunk<EntryType> read(const std::atomic<bool>& stopped) override {
    ReadChunk<EntryType> chunk;
    if (!range_) open();
    const Status added = fill(chunk, stopped);
    if (!added) chunk.failure = added.error();
    chunk.is_last = chunk.is_last || chunk.failure;
    if (options_.mode == StreamMode::follow && !chunk.entries.empty()) {
      last_ = chunk.entries.back().key;
      range_.reset();
    }
    return chunk;
  }

 private:
  void open() {
    range_.emplace(last_ ? part_(table_).after(*last_) : part_(table_));
    ahead_.emplace(
        range_->direction() == Direction::forward ? PagesAhead::Way::up : PagesAhead::Way::down,
        options_.leaves_ahead);
  }

  Status fill(ReadChunk<EntryType>& chunk, const std::atomic<bool>& stopped) {
    std::size_t bytes = 0;
    do {
      auto entry = range_->next();
      if (!entry) return fail(entry);
      chunk.is_last = *entry == nullptr;
      if (chunk.is_last) return {};
      auto stored = bring_near();
      if (!stored) return fail(stored);
      bytes += *stored;
      auto guard = (*entry)->value.share();
      if (!guard) return fail(guard);
      chunk.entries.push_back({(*entry)->key, *std::move(guard)});
    } while (chunk.entries.size() < options_.chunk_entries && bytes < options_.chunk_bytes &&
             !stopped.load(std::memory_order_relaxed));
    return {};
  }

  /// The size of the entry that the range is at, which lies in memory then.
  Result<std::size_t> bring_near() {
    auto& cursor = *range_->cursor();
    // Other backends read ahead by themselves, if at all.
    if constexpr (std::same_as<std::remove_cvref_t<decltype(cursor)>, Cursor>)
      ahead_->look(cursor, [](Bytes pages) { read_ahead(pages); });
    auto value = cursor.value();
    if (!value) return fail(value);
    read_through(value->first(std::min(value->size(), options_.value_bytes)));
    return cursor.key().size() + value->size();
  }

  Table table_;
  Part part_;
  StreamOptions options_;
  std::optional<RangeType> range_;
  std::optional<PagesAhead> ahead_;
  std::optional<Key> last_;  ///< of the last chunk, where the stream follows
};

}  // namespace quire::detail
