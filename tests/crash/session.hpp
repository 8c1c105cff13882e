// Session: a program that uses a database on a crash disk, and writes down what it may rely on.
//
// It goes on after failed calls as a careful program would, and complains when a failure was not
// what the engine's headers promise.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crash/history.hpp"
#include "quire/engine/database.hpp"
#include "support/crash_disk.hpp"

namespace quire::test {

inline constexpr const char* data_file = "data.quire";

/// Options for many openings of small files.
Options small_options(Options options = {});

/// Edits a transaction and its model alike. After a failed call it does nothing more.
class Editor {
 public:
  Editor(WriteTransaction& transaction, Tables& tables)
      : transaction_(transaction), tables_(tables) {}

  void create(const std::string& table);
  void drop(const std::string& table);
  /// Makes the table when it is not there.
  void put(const std::string& table, const std::string& key, const std::string& value);
  /// The same in pieces, of which so many bytes come; if these are not all, it is given up.
  void put_in_pieces(const std::string& table, const std::string& key, const std::string& value,
                     std::size_t come);
  /// The same in reserved room, half of it after a read.
  void reserve(const std::string& table, const std::string& key, const std::string& value);
  void erase(const std::string& table, const std::string& key);
  /// Does this behind a savepoint, and goes back there.
  void undo(const std::function<void(Editor&)>& edit);

  [[nodiscard]] const Tables& tables() const { return tables_; }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  std::optional<TableId> id_of(const std::string& table);
  std::optional<TableId> id_or_made(const std::string& table);
  template <class T>
  bool is_done(const Result<T>& result) {
    if (!result) status_ = fail(result);
    return result.has_value();
  }

  WriteTransaction& transaction_;
  Tables& tables_;
  std::map<std::string, TableId> ids_;
  Status status_;
};

/// The disk and the history must outlive it.
class Session {
 public:
  Session(CrashDisk& disk, History& history, const Options& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  using Edit = std::function<void(Editor&)>;
  void commit(Durability durability, const Edit& edit);
  void full(const Edit& edit) { commit(Durability::full, edit); }
  void two_phase(const Edit& edit) { commit(Durability::two_phase, edit); }
  void buffered(const Edit& edit) { commit(Durability::buffered, edit); }
  void abandon(const Edit& edit);
  void sync();

  /// A commit that another thread makes while the sync of one is in flight.
  struct Meanwhile {
    Durability durability;
    Edit edit;
  };
  /// A full commit, and in its sync the others, in this order. Those that cannot begin then, since
  /// the first one still holds the writer's place, are not made.
  void group(const Edit& first, const std::vector<Meanwhile>& others);

  /// Waits for the newest commit's ticket; in the sync for it these are committed, buffered.
  void await(const std::vector<Edit>& meanwhile = {});

  /// Keeps a snapshot of what is published now.
  void hold();
  /// Lets the oldest one go, after looking whether it is as it was.
  void release();

  void close();
  void open();
  void reopen() {
    close();
    open();
  }
  /// The process dies and another one opens the file, in the same boot.
  void kill() { die(false); }
  /// The same, and meanwhile the cache was emptied of what it calls clean.
  void kill_and_evict() { die(true); }
  void die(bool evicts);
  /// What the cache calls clean reads as the disk has it; the process goes on.
  void lose_cache();

  [[nodiscard]] bool is_open() const { return database_.has_value(); }
  /// Whether a failure was such that every commit is refused until the next opening.
  [[nodiscard]] bool is_poisoned() const { return is_poisoned_; }
  [[nodiscard]] CrashDisk& disk() { return disk_; }
  [[nodiscard]] History::Index current() const { return current_; }
  [[nodiscard]] const Tables& tables() const { return history_.tables(current_); }

  /// Calls that failed, in order.
  [[nodiscard]] const std::vector<Error>& errors() const { return errors_; }
  /// What the engine did though it promises not to.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

  /// Looks whether a reader sees the newest published state, and check() is content.
  void look();

 private:
  struct Held {
    Snapshot snapshot;
    Digest digest;
  };

  class Group;

  void finish_commit(History::Index next, Durability durability,
                     const Result<CommitReceipt>& receipt);
  void note(const Error& error);
  void complain(const std::string& what) { complaints_.push_back(what); }
  [[nodiscard]] bool may_have_failed() const { return !errors_.empty(); }

  CrashDisk& disk_;
  History& history_;
  Options options_;
  std::optional<Database> database_;
  std::vector<Held> held_;
  History::Index current_ = 0;  ///< the newest published state
  History::Index sure_ = 0;     ///< the newest that the process's death does not take
  CommitTicket ticket_;         ///< of the newest commit in this opening
  bool is_poisoned_ = false;
  bool has_lost_cache_ = false;  ///< since the last opening
  std::vector<Error> errors_;
  std::vector<std::string> complaints_;
};

}  // namespace quire::test
