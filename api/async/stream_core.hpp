// StreamCore: what a stream, its worker and its consumer share.
//
// Invariant: at most one worker reads, and only while somebody waits or fewer chunks are ready than
// may be ahead; so a consumer that takes its time holds up the reading. Once the stream has been
// stopped it keeps nothing: what a worker is at is dropped when it notices.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "quire/api/async/chunk_reader.hpp"
#include "quire/api/async/stream_options.hpp"
#include "quire/api/async/wait.hpp"

namespace quire::detail {

/// Thread-safe.
template <class EntryType>
class StreamCore : public std::enable_shared_from_this<StreamCore<EntryType>> {
 public:
  using Chunk = std::vector<EntryType>;
  using Taken = Result<Chunk>;
  using Waiting = std::shared_ptr<Wait<Taken>>;
  using Source = std::unique_ptr<ChunkSource<EntryType>>;

  StreamCore(Source source, Workers workers, std::size_t chunks_ahead)
      : source_(std::move(source)), workers_(std::move(workers)), chunks_ahead_(chunks_ahead) {}

  [[nodiscard]] const Workers& workers() const noexcept { return workers_; }

  /// Ends the wait with the next chunk, now or when there is one; an empty one at the end.
  void take(const Waiting& wait) {
    std::optional<Taken> taken;
    bool is_turn_due = false;
    {
      const std::lock_guard lock(mutex_);
      taken = take_or_wait(wait);
      is_turn_due = begin_turn();
    }
    if (is_turn_due) workers_.run(Turn(this->shared_from_this()));
    if (taken) wait->complete(*std::move(taken));
  }

  /// Ends the wait with nothing, and forgets none of what was read.
  void give_up(const Waiting& wait) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_ == wait) waiting_.reset();
    }
    wait->complete(fail(ErrorCode::cancelled));
  }

  /// Drops everything. Whoever waits, or asks later, is told the reason; but of a stream that was
  /// taken to its end that stays the end.
  void stop(ErrorCode reason) {
    stopped_.store(true, std::memory_order_relaxed);
    std::deque<Chunk> dropped;
    Source unused;
    Waiting waiting;
    {
      const std::lock_guard lock(mutex_);
      if (!end_ || !ready_.empty()) end_.emplace(fail(reason));
      dropped.swap(ready_);
      if (!is_reading_) unused = std::move(source_);
      waiting = std::move(waiting_);
    }
    if (waiting) waiting->complete(fail(reason));
  }

 private:
  /// A turn of a worker. One that is never taken, because the workers have ended, stops the stream.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<StreamCore> core) : core_(std::move(core)) {}
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (core_) core_->stop(ErrorCode::cancelled);
    }
    void operator()() { std::exchange(core_, nullptr)->read(); }

   private:
    std::shared_ptr<StreamCore> core_;
  };

  // ---- With the lock

  std::optional<Taken> take_or_wait(const Waiting& wait) {
    if (waiting_)
      return fail(Error(ErrorCode::invalid_argument)
                      .with_detail("a stream is asked for one chunk at a time"));
    if (!ready_.empty()) {
      Taken taken = std::move(ready_.front());
      ready_.pop_front();
      return taken;
    }
    if (end_) return *end_ ? Taken() : fail(*end_);
    waiting_ = wait;
    return std::nullopt;
  }

  /// True when the caller is to call a worker.
  [[nodiscard]] bool begin_turn() {
    const bool is_wanted = waiting_ || ready_.size() < chunks_ahead_;
    if (is_reading_ || end_ || !is_wanted) return false;
    is_reading_ = true;
    return true;
  }

  // ---- On a worker

  void read() {
    ReadChunk<EntryType> chunk = source_->read(stopped_);
    Source unused;
    Waiting waiting;
    std::optional<Taken> taken;
    bool is_turn_due = false;
    {
      const std::lock_guard lock(mutex_);
      is_reading_ = false;
      if (!end_) taken = keep(chunk);
      if (taken) waiting = std::move(waiting_);
      if (end_) unused = std::move(source_);
      is_turn_due = begin_turn();
    }
    unused.reset();  // whoever hears of the end may end what the table is in
    if (is_turn_due) workers_.run(Turn(this->shared_from_this()));
    if (waiting) waiting->complete(*std::move(taken));
  }

  /// What to give to whoever waits. With the lock.
  std::optional<Taken> keep(ReadChunk<EntryType>& chunk) {
    if (chunk.is_last) end_ = chunk.failure ? Status(fail(*chunk.failure)) : Status();
    if (!chunk.entries.empty()) {
      if (waiting_) return std::move(chunk.entries);
      ready_.push_back(std::move(chunk.entries));
    } else if (waiting_ && end_) {
      return *end_ ? Taken() : fail(*end_);
    }
    return std::nullopt;
  }

  std::mutex mutex_;  // over all below, but for source_ while a worker reads
  std::atomic<bool> stopped_{false};
  Source source_;              ///< none: nothing more is read
  bool is_reading_ = false;    ///< a worker has a turn, or will have
  std::deque<Chunk> ready_;    ///< read, and not taken yet
  std::optional<Status> end_;  ///< what comes behind them, once that is known
  Waiting waiting_;
  const Workers workers_;
  const std::size_t chunks_ahead_;
};

}  // namespace quire::detail
