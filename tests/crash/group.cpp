// Session::group: commits on several threads, in an order that is the same in every run.
#include <thread>

#include "crash/session.hpp"

namespace quire::test {

/// The commits of one call. All but their waiting happens in turn: the callback in the first one's
/// sync starts a thread and goes on when that thread waits for a sync.
class Session::Group {
 public:
  Group(Session& session, const std::vector<Meanwhile>& others)
      : session_(session), others_(others), commits_(others.size()) {
    session_.disk_.during_sync([this] { act_in_sync(); });
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() { session_.disk_.during_sync({}); }

  void run(const Edit& first) {
    Result<WriteTransaction> transaction = session_.database_->begin_write();
    if (!transaction) return session_.note(transaction.error());
    newest_ = session_.current_;
    const History::Index index = edit(*transaction, first);
    const Result<CommitReceipt> receipt = std::move(*transaction).commit(Durability::full);
    threads_.clear();  // joined
    if (first_durable_at_) session_.history_.set_durable(index, *first_durable_at_);
    session_.finish_commit(index, Durability::full, receipt);
    for (std::size_t number = 0; number < commits_.size(); ++number) {
      const Commit& commit = commits_[number];
      if (commit.receipt)
        session_.finish_commit(commit.index, others_[number].durability, *commit.receipt);
    }
  }

 private:
  struct Commit {
    History::Index index = 0;
    std::optional<Result<CommitReceipt>> receipt;
  };

  /// In the first sync that leaves the gate free the others commit; the next is the one they share,
  /// and what the first sync was for is durable by then.
  void act_in_sync() {
    if (is_begun_) {
      if (!first_durable_at_) first_durable_at_ = session_.disk_.stop_count() - 1;
      return;
    }
    for (std::size_t number = 0; number < others_.size(); ++number) {
      has_given_up_ = false;
      threads_.emplace_back([this, number] { commit(number); });
      while (!has_given_up_ && waiters() == number) std::this_thread::yield();
      if (has_given_up_) return;
      is_begun_ = true;
    }
  }

  void commit(std::size_t number) {
    Result<WriteTransaction> transaction = session_.database_->try_begin_write();
    if (!transaction) {
      has_given_up_ = true;
      return;
    }
    commits_[number].index = edit(*transaction, others_[number].edit);
    commits_[number].receipt = std::move(*transaction).commit(others_[number].durability);
  }

  /// Edits a transaction and its model; the model's place in the history.
  History::Index edit(WriteTransaction& transaction, const Edit& edit) {
    Tables next = session_.history_.tables(newest_);
    Editor editor(transaction, next);
    edit(editor);
    if (!editor.status()) session_.note(editor.status().error());
    newest_ = session_.history_.begin(std::move(next), session_.disk_.stop_count());
    return newest_;
  }

  [[nodiscard]] std::uint64_t waiters() const {
    return session_.database_->statistics().value().sync_waiters;
  }

  Session& session_;
  const std::vector<Meanwhile>& others_;
  std::vector<Commit> commits_;
  History::Index newest_ = 0;
  bool is_begun_ = false;
  std::atomic<bool> has_given_up_ = false;
  std::optional<std::size_t> first_durable_at_;
  std::vector<std::jthread> threads_;
};

void Session::group(const Edit& first, const std::vector<Meanwhile>& others) {
  if (database_) Group(*this, others).run(first);
}

}  // namespace quire::test
