// Syncs of processes that share a file: which answers for what, and who ends one that a killed
// process left.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <new>
#include <optional>
#include <string>
#include <thread>

#include "processes/shared_file.hpp"
#include "processes/watched_store.hpp"

namespace quire::test {
namespace {

/// A process with a buffered commit, which its background syncs when it is let, not before. The
/// sync goes on when it is let, too.
class SyncingProcess {
 public:
  explicit SyncingProcess(const std::string& path) : child_([&] { return commit_and_stay(path); }) {
    news_.only_receive();
    REQUIRE(news_.receive().has_value());  // the commit
  }

  /// Its sync is in flight when this returns.
  void begin_sync() {
    // The first wish may be one that somebody else's sync has fulfilled.
    begin_.send(0);
    begin_.send(0);
    REQUIRE(news_.receive().has_value());
  }
  void end_sync() { end_.send(0); }
  void kill() { child_.kill(); }

 private:
  int commit_and_stay(const std::string& path) {
    WatchedFiles files;
    files.act_before([this](const FileCall& call) {
      if (call.is_lock_of(LockPlace::sync)) static_cast<void>(begin_.receive());
      if (call.kind != FileCall::Kind::sync) return;
      news_.send(0);
      static_cast<void>(end_.receive());
    });
    Options options = sharing_through(files);
    options.durability = Durability::buffered;
    options.background_sync.interval = std::chrono::milliseconds(1);
    const Database own = open_shared(path, options);
    store(own, find_table(own), "other", "value");
    news_.send(0);
    for (;;) ::pause();
  }

  Pipe begin_;
  Pipe end_;
  Pipe news_;
  ChildProcess child_;
};

/// Writes of pages and of slots, and syncs, in order: "p|s|". Neighbours of a kind count as one.
class Order {
 public:
  void add(const FileCall& call) {
    if (call.is_page_write()) add('p');
    if (call.is_slot_write()) add('s');
    if (call.kind == FileCall::Kind::sync) add('|');
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(char step) {
    if (text_.empty() || text_.back() != step) text_ += step;
  }
  std::string text_;
};

TEST_CASE("a commit in two phases syncs its pages, then writes its slot, and syncs that") {
  WatchedStore watched;
  Order order;
  watched.files.act_after([&](const FileCall& call) { order.add(call); });
  WriteTransaction txn = watched.database.begin_write().value();
  put(txn, watched.table, "key", std::string(20'000, 'v'));
  commit(txn, Durability::two_phase);
  CHECK(order.text() == "p|s|");
}

TEST_CASE("a sync of another process that began before a page was written does not answer for it") {
  WatchedStore watched;
  SyncingProcess other(watched.path);
  Order order;
  bool has_begun = false;
  watched.files.act_before([&](const FileCall& call) {
    if (call.is_page_write() && !has_begun) {
      has_begun = true;
      other.begin_sync();
    }
    if (call.is_lock_of(LockPlace::sync)) other.end_sync();
    order.add(call);
  });
  WriteTransaction txn = watched.database.begin_write().value();
  put(txn, watched.table, "key", "value");
  commit(txn, Durability::two_phase);
  REQUIRE(has_begun);
  CHECK(order.text() == "p|s|");
}

// ---- Where the other process is killed in its sync

/// An open transaction with an edit, beside a process with a commit to be synced.
struct EditBesideSync {
  EditBesideSync() { put(txn, watched.table, "key", "value"); }
  void kill_in_sync() {
    other.begin_sync();
    other.kill();
  }

  WatchedStore watched;
  SyncingProcess other{watched.path};
  WriteTransaction txn = watched.database.begin_write().value();
};

/// Commits on another thread than the one that began; it must return, and without an error.
void commit_elsewhere(WriteTransaction txn, Durability durability) {
  std::optional<Result<CommitReceipt>> receipt;
  std::jthread([&] { receipt = std::move(txn).commit(durability); }).join();
  CHECK(receipt->value().txn != no_txn);
}

TEST_CASE("a transaction that ends on another thread ends the sync that a killed process left") {
  for (const Durability durability :
       {Durability::full, Durability::buffered, Durability::two_phase}) {
    CAPTURE(static_cast<int>(durability));
    EditBesideSync edit;
    WatchedStore& watched = edit.watched;
    edit.kill_in_sync();
    commit_elsewhere(std::move(edit.txn), durability);
    CHECK(look(watched.database, watched.table, "other") == "value");
    CHECK(look(watched.database, watched.table, "key") == "value");
    watched.database.sync().value();
    require_sound(watched.database);
  }
}

TEST_CASE("so does one whose slot waits for it, in the second of two phases") {
  EditBesideSync edit;
  WatchedStore& watched = edit.watched;
  bool is_killed = false;
  watched.files.act_before([&](const FileCall& call) {
    if (!call.is_slot_write() || is_killed) return;
    edit.kill_in_sync();
    is_killed = true;
  });
  commit_elsewhere(std::move(edit.txn), Durability::two_phase);
  CHECK(is_killed);
  CHECK(look(watched.database, watched.table, "key") == "value");
  require_sound(watched.database);
}

TEST_CASE(
    "a commit that has no memory to end the sync of a killed process says so, and hinders none") {
  EditBesideSync edit;
  WatchedStore& watched = edit.watched;
  edit.kill_in_sync();
  bool is_thrown = false;
  watched.files.act_before([&](const FileCall& call) {
    if (is_thrown || !call.is_lock_of(LockPlace::queue)) return;
    is_thrown = true;
    throw std::bad_alloc();
  });
  CHECK(code_of(std::move(edit.txn).commit(Durability::full)) == ErrorCode::outcome_unknown);
  CHECK(is_thrown);
  store(watched.database, watched.table, "next", "value");
  CHECK(look(watched.database, watched.table, "key") == "value");
  watched.database.close().value();
}

}  // namespace
}  // namespace quire::test
