// Wait: a call that is suspended on an event loop until a worker has what it asked for.
//
// Several may come to end it: the worker, who cancels it, its deadline, and the end of the loop.
// The first one does.
//
// Invariant: a handler is called at most once, on its executor, never inside the call that began
// the wait; and nothing of it is touched once its execution context has begun to go. Whoever
// destroys a context with suspended coroutines in it so destroys the coroutines, whatever a worker
// is at.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "quire/api/async/workers.hpp"
#include "quire/engine/base/result.hpp"

namespace quire::detail {

namespace asio = boost::asio;

/// A wait as the loop that it is on knows it.
class LoopWait {
 public:
  LoopWait() = default;
  LoopWait(const LoopWait&) = delete;
  LoopWait& operator=(const LoopWait&) = delete;
  virtual ~LoopWait() = default;

  /// The loop goes: destroys the handler without calling it.
  virtual void forget() noexcept = 0;
};

/// The waits of one loop, which it shares with them: they may outlive it. Thread-safe.
class WaitList {
 public:
  void add(const std::shared_ptr<LoopWait>& wait) {
    const std::lock_guard lock(mutex_);
    if (!is_over_) waits_.emplace(wait.get(), wait);
  }

  [[nodiscard]] bool contains(const LoopWait& wait) {
    const std::lock_guard lock(mutex_);
    return waits_.contains(&wait);
  }

  /// Takes the wait off the list and runs deliver, before the loop can go and before arrive()
  /// returns there. Not when somebody has taken it before.
  template <class Deliver>
  void take(const LoopWait& wait, const Deliver& deliver) {
    decltype(waits_)::node_type taken;  // goes after the lock
    const std::lock_guard lock(mutex_);
    taken = waits_.extract(&wait);
    if (!taken.empty()) deliver();
  }

  void arrive() { const std::lock_guard lock(mutex_); }

  void end() noexcept {
    decltype(waits_) left;
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
      left.swap(waits_);
    }
    for (auto& [key, wait] : left) wait->forget();
  }

 private:
  std::mutex mutex_;
  std::map<const LoopWait*, std::shared_ptr<LoopWait>> waits_;
  bool is_over_ = false;
};

/// Tells the waits of an execution context when it goes.
class LoopService : public asio::execution_context::service {
 public:
  inline static asio::execution_context::id id;  // NOLINT(cert-err58-cpp): only an address

  explicit LoopService(asio::execution_context& context) : service(context) {}

  static std::shared_ptr<WaitList> waits_of(asio::execution_context& context) {
    return asio::use_service<LoopService>(context).waits_;
  }

 private:
  void shutdown() noexcept override { waits_->end(); }

  std::shared_ptr<WaitList> waits_ = std::make_shared<WaitList>();
};

/// A wait for an Outcome, which is a Result. Thread-safe.
template <class Outcome>
class Wait : public LoopWait {
 public:
  /// Ends the wait, unless that was done before.
  virtual void complete(Outcome outcome) = 0;
};

template <class Outcome, class Handler>
class HandlerWait final : public Wait<Outcome>,
                          public std::enable_shared_from_this<HandlerWait<Outcome, Handler>> {
  using Executor = asio::associated_executor_t<Handler, asio::any_io_executor>;
  using Clock = std::chrono::steady_clock;
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

 public:
  /// Fallback: where handlers are called that name no executor.
  static std::shared_ptr<HandlerWait> begin(Handler&& handler,
                                            const asio::any_io_executor& fallback) {
    Executor executor = asio::get_associated_executor(handler, fallback);
    auto wait = std::make_shared<HandlerWait>(std::move(handler), std::move(executor));
    wait->list_->add(wait);
    return wait;
  }

  HandlerWait(Handler&& handler, Executor executor)
      : list_(LoopService::waits_of(asio::query(executor, asio::execution::context))),
        parts_(std::in_place, std::move(handler), std::move(executor)) {}

  /// What to do when the handler's cancellation slot says so, unless somebody has ended the wait.
  /// On the handler's executor, before anybody else knows of the wait.
  template <class OnCancel>
  void on_cancel(OnCancel on_cancel) {
    auto slot = asio::get_associated_cancellation_slot(parts_->handler);
    if (!slot.is_connected()) return;
    slot.assign([wait = this->weak_from_this(),
                 on_cancel = std::move(on_cancel)](asio::cancellation_type type) {
      if (const auto waiting = pending(wait)) on_cancel(waiting, type);
    });
  }

  /// The same for a time when it is over.
  template <class OnTime>
  void on_time(Clock::time_point deadline, OnTime on_time) {
    parts_->timer.emplace(parts_->executor, deadline);
    parts_->timer->async_wait(
        [wait = this->weak_from_this(), on_time = std::move(on_time)](const auto& error) {
          const auto waiting = error ? nullptr : pending(wait);
          if (waiting) on_time(waiting);
        });
  }

  void complete(Outcome outcome) override {
    list_->take(*this, [&] {
      Parts parts = *std::exchange(parts_, std::nullopt);
      asio::post(parts.work, Delivery{std::move(parts.handler), std::move(parts.timer),
                                      std::move(outcome), list_});
    });
  }

  void forget() noexcept override { parts_.reset(); }

 private:
  using Tracked = std::decay_t<decltype(asio::prefer(
      std::declval<const Executor&>(), asio::execution::outstanding_work_t::tracked))>;
  struct Parts {
    Parts(Handler&& of, Executor on)
        : handler(std::move(of)),
          executor(std::move(on)),
          work(asio::prefer(executor, asio::execution::outstanding_work_t::tracked)) {}
    Handler handler;
    Executor executor;
    Tracked work;  ///< the loop does not end before the wait
    std::optional<Timer> timer = {};
  };
  struct Delivery {
    Handler handler;
    std::optional<Timer> timer;
    Outcome outcome;
    std::shared_ptr<WaitList> list;
    void operator()() {
      std::exchange(list, nullptr)->arrive();
      timer.reset();
      std::move(handler)(std::move(outcome));
    }
  };

  /// For who comes to end it: the wait, unless that was done.
  static std::shared_ptr<Wait<Outcome>> pending(const std::weak_ptr<HandlerWait>& wait) {
    auto waiting = wait.lock();
    return waiting && waiting->list_->contains(*waiting) ? waiting : nullptr;
  }

  std::shared_ptr<WaitList> list_;
  std::optional<Parts> parts_;
};

}  // namespace quire::detail
