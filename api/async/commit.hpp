// Asynchronous commit: the sync is waited for by a worker, not by an event loop.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "quire/api/async/wait.hpp"
#include "quire/api/async/workers.hpp"
#include "quire/api/transaction.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

namespace detail {

/// Work for a worker, and the wait that it ends. Where it is never begun, because the workers have
/// ended, the wait is cancelled.
template <class Outcome, class Work>
class Errand {
 public:
  Errand(std::shared_ptr<Wait<Outcome>> wait, Work work)
      : wait_(std::move(wait)), work_(std::move(work)) {}
  Errand(Errand&&) noexcept = default;
  Errand& operator=(Errand&&) = delete;
  ~Errand() {
    if (wait_) wait_->complete(fail(ErrorCode::cancelled));
  }
  void operator()() { std::exchange(wait_, nullptr)->complete(work_()); }

 private:
  std::shared_ptr<Wait<Outcome>> wait_;
  Work work_;
};

/// Starts an operation that runs work on a worker. Cancelling it ends the wait, not the work.
template <class Work>
struct ErrandInitiation {
  using Outcome = std::invoke_result_t<Work&>;
  Workers workers;
  Work work;

  template <class Handler>
  void operator()(Handler&& handler) const {
    using Waiting = HandlerWait<Outcome, std::decay_t<Handler>>;
    const auto wait = Waiting::begin(std::forward<Handler>(handler), workers.executor());
    wait->on_cancel([](const std::shared_ptr<Wait<Outcome>>& waiting, asio::cancellation_type) {
      waiting->complete(fail(ErrorCode::cancelled));
    });
    workers.run(Errand<Outcome, Work>(wait, work));
  }
};

template <class Work, class Token>
auto run_errand(Workers workers, Work work, Token&& token) {
  using Initiation = ErrandInitiation<Work>;
  return asio::async_initiate<Token, void(typename Initiation::Outcome)>(
      Initiation{std::move(workers), std::move(work)}, token);
}

}  // namespace detail

/// Waits until a commit is durable: `co_await quire::when_durable(receipt.ticket)`. Fails as
/// CommitTicket::wait does, and with `cancelled`, of the waiting: the commit goes on.
///
/// An operation of Asio, `void(Status)`, of any completion token. A worker waits, and syncs if
/// nobody else is about to; one sync answers for all commits before it.
template <class Token = boost::asio::deferred_t>
[[nodiscard]] auto when_durable(CommitTicket ticket, Workers workers = {},
                                Token&& token = Token()) {
  return detail::run_errand(
      std::move(workers), [ticket = std::move(ticket)] { return ticket.wait(); },
      std::forward<Token>(token));
}

/// Commits a transaction and waits until that is durable: `co_await quire::async_commit(std::move(
/// txn))`. What a commit does without waiting for a sync is done in this very call (see
/// StorageTransaction::commit_without_waiting), on the thread that began the transaction, to which
/// it belongs; the writer's place is free when it returns. Others see the commit when
/// StorageTransaction::commit would have let them: a full one when it is durable.
///
/// Fails as commit and CommitTicket::wait do, and with `cancelled`, of the waiting: the commit goes
/// on. An operation of Asio, `void(Result<CommitReceipt>)`, of any completion token, to be waited
/// for once.
template <class Token = boost::asio::deferred_t>
[[nodiscard]] auto async_commit(StorageTransaction&& txn, Workers workers = {},
                                Token&& token = Token()) {
  const auto wait_for = [](Result<CommitReceipt> receipt) {
    if (!receipt) return receipt;
    if (const Status done = receipt->ticket.wait(); !done) return Result<CommitReceipt>(fail(done));
    receipt->is_durable = true;
    return receipt;
  };
  return detail::run_errand(
      std::move(workers),
      [wait_for, receipt = std::move(txn).commit_without_waiting()] { return wait_for(receipt); },
      std::forward<Token>(token));
}

}  // namespace quire
