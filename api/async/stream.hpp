// AsyncStream: entries of a table, read by a worker and handed to an event loop.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "quire/api/async/chunk_reader.hpp"
#include "quire/api/async/stream_core.hpp"
#include "quire/api/async/stream_options.hpp"
#include "quire/api/async/wait.hpp"

namespace quire {

/// Entries in order, read in chunks ahead of their consumer; async_stream makes it. Nothing is read
/// before the first chunk is asked for, and the thread that asks never waits for the disk.
///
/// How a wait may end, besides with what it is for:
///  - an error of reading, such as corrupt, comes after the entries before it, and stays;
///  - timed_out: the deadline has passed. The stream keeps nothing from then on;
///  - cancelled: by cancel(), by the end of the workers, or by the cancellation slot of whoever
///    waits (in a coroutine, that of the coroutine). `terminal` is the end of the stream, which
///    keeps nothing then; after `partial` or `total` it may be asked again, and nothing is lost.
/// None of these is an end: that is no entry, or an empty chunk.
///
/// Movable. Destroying it cancels it, also while a worker reads. One thread at a time, that of the
/// executor on which it is waited for (or a strand).
template <class EntryType>
class [[nodiscard]] AsyncStream {
  using Shared = detail::StreamCore<EntryType>;

 public:
  using Entry = EntryType;
  using Chunk = std::vector<EntryType>;

  /// For async_stream.
  explicit AsyncStream(std::shared_ptr<Shared> core) : core_(std::move(core)) {}
  AsyncStream(AsyncStream&&) noexcept = default;
  AsyncStream& operator=(AsyncStream&& other) noexcept {
    if (this != &other) cancel();
    core_ = std::move(other.core_);
    chunk_ = std::move(other.chunk_);
    at_ = other.at_;
    deadline_ = other.deadline_;
    return *this;
  }
  ~AsyncStream() { cancel(); }

  /// The next entry; null at the end, and ever after. It is good until the next call: the entries
  /// of a chunk go together, before the next one is waited for. Suspends only where a chunk ends.
  [[nodiscard]] boost::asio::awaitable<Result<const EntryType*>> next() {
    if (at_ == chunk_.size()) {
      drop_chunk();
      Result<Chunk> chunk = co_await next_chunk(boost::asio::use_awaitable);
      if (!chunk) co_return fail(chunk);
      chunk_ = std::move(*chunk);
    }
    const EntryType* entry = chunk_.empty() ? nullptr : &chunk_[at_++];
    co_return entry;
  }

  /// The next chunk as a whole, for its receiver to keep as long as he likes; empty at the end, and
  /// ever after. Not in the midst of a chunk of which next() has given some entries: the rest of
  /// that would come later.
  ///
  /// An operation of Asio, `void(Result<Chunk>)`: of any completion token; without one, it is for
  /// co_await in a boost::asio::awaitable. One at a time: invalid_argument.
  template <class Token = boost::asio::deferred_t>
  [[nodiscard]] auto next_chunk(Token&& token = Token()) {
    return boost::asio::async_initiate<Token, void(Result<Chunk>)>(Initiation{core_, deadline_},
                                                                   token);
  }

  /// Until when chunks are waited for from now on; without, as long as it takes. Entries that
  /// next() has at hand are given later than that, too.
  void expires_at(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  void expires_after(std::chrono::steady_clock::duration time) {
    expires_at(std::chrono::steady_clock::now() + time);
  }
  void expires_never() { deadline_.reset(); }

  /// Drops everything that the stream keeps. Whoever waits is told `cancelled`.
  void cancel() {
    if (core_) core_->stop(ErrorCode::cancelled);
    drop_chunk();
  }

 private:
  struct Initiation {
    std::shared_ptr<Shared> core;
    std::optional<std::chrono::steady_clock::time_point> deadline;

    template <class Handler>
    void operator()(Handler&& handler) const {
      using Waiting = typename Shared::Waiting;
      using Wait = detail::HandlerWait<typename Shared::Taken, std::decay_t<Handler>>;
      const auto wait = Wait::begin(std::forward<Handler>(handler), core->workers().executor());
      wait->on_cancel([core = core](const Waiting& waiting, boost::asio::cancellation_type type) {
        const auto final = type & boost::asio::cancellation_type::terminal;
        if (final == boost::asio::cancellation_type::none)
          core->give_up(waiting);
        else
          core->stop(ErrorCode::cancelled);
      });
      if (deadline && *deadline <= std::chrono::steady_clock::now())
        core->stop(ErrorCode::timed_out);
      else if (deadline)
        wait->on_time(*deadline,
                      [core = core](const Waiting&) { core->stop(ErrorCode::timed_out); });
      core->take(wait);
    }
  };

  void drop_chunk() {
    chunk_.clear();
    at_ = 0;
  }

  std::shared_ptr<Shared> core_;
  Chunk chunk_;         ///< that next() gives entries of
  std::size_t at_ = 0;  ///< the next of them
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

/// All entries, forward.
struct WholeTable {
  template <class Table>
  auto operator()(const Table& table) const {
    return table.range();
  }
};

/// Which entries of a table a stream is of: a range of it, forward or reversed.
template <class Part, class Table>
concept StreamedPart =
    std::invocable<Part&, const Table&> &&
    std::same_as<std::invoke_result_t<Part&, const Table&>, typename Table::Range> &&
    detail::SharedRange<typename Table::Range>;

/// A stream of the entries of a table, or of a part of them:
///   auto stream = quire::async_stream(names, [](auto& table) { return table.prefix("Ap"); });
///   while (auto entry = (co_await stream.next()).value()) use(entry->key, *entry->value);
///
/// part is called by workers, one at a time, once for each state that is read; table may also be
/// one of a StorageSnapshot. A stream that stays shows the state that is the newest when its first
/// chunk is read; one that follows goes on behind the last entry of the chunk before, so it gives
/// each key once at most, in order, and sees what was inserted beyond the chunks that are read.
///
/// Both are gone when the end or an error is told. Of a stream that is ended before, they go with
/// it, or soon after if a worker is reading; until then that keeps the storage open.
template <class Table, StreamedPart<Table> Part = WholeTable>
AsyncStream<typename Table::Entry> async_stream(const Table& table, Part part,
                                                const StreamOptions& options = {}) {
  using Shared = detail::StreamCore<typename Table::Entry>;
  using Reader = detail::ChunkReader<Table, Part>;
  return AsyncStream<typename Table::Entry>(
      std::make_shared<Shared>(std::make_unique<Reader>(table, std::move(part), options),
                               options.workers, options.chunks_ahead));
}
template <class Table>
  requires StreamedPart<WholeTable, Table>
AsyncStream<typename Table::Entry> async_stream(const Table& table,
                                                const StreamOptions& options = {}) {
  return async_stream(table, WholeTable(), options);
}

}  // namespace quire
