// SQLite: one table of keys and values, in write-ahead mode.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "peers/peer.hpp"

namespace bench::peers {

struct CloseConnection {
  void operator()(sqlite3* connection) const noexcept { ::sqlite3_close(connection); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept { ::sqlite3_finalize(statement); }
};

/// A connection, which is for one thread.
class SqliteConnection {
 public:
  explicit SqliteConnection(const Opening& opening);

  void check(int code, std::string_view action) const {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) [[likely]]
      return;
    fail(action);
  }
  void execute(const char* text) const { check(::sqlite3_exec(get(), text, {}, {}, {}), text); }
  [[nodiscard]] sqlite3* get() const noexcept { return connection_.get(); }

 private:
  [[noreturn]] void fail(std::string_view action) const;

  std::unique_ptr<sqlite3, CloseConnection> connection_;
};

/// A statement, compiled once.
class SqliteStatement {
 public:
  SqliteStatement(const SqliteConnection& connection, std::string_view text);

  void bind(int place, std::string_view bytes) {
    connection_.check(
        ::sqlite3_bind_blob64(statement_.get(), place, bytes.data(), bytes.size(), SQLITE_STATIC),
        "binding");
  }
  /// Whether there is a row.
  bool step() {
    const int code = ::sqlite3_step(statement_.get());
    connection_.check(code, "stepping");
    return code == SQLITE_ROW;
  }
  /// Of the row; gone with the next step.
  [[nodiscard]] Bytes bytes(int column) const {
    const void* const data = ::sqlite3_column_blob(statement_.get(), column);
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column));
    return {static_cast<const std::byte*>(data), size};
  }
  [[nodiscard]] std::uint64_t number(int column) const {
    return static_cast<std::uint64_t>(::sqlite3_column_int64(statement_.get(), column));
  }
  void reset() { ::sqlite3_reset(statement_.get()); }
  void run() {
    step();
    reset();
  }
  /// Whatever comes of it.
  void try_to_run() noexcept {
    ::sqlite3_step(statement_.get());
    ::sqlite3_reset(statement_.get());
  }

 private:
  const SqliteConnection& connection_;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
};

class SqlitePeer {
 public:
  static constexpr std::string_view name = "SQLite";
  static constexpr std::string_view configuration =
      "write-ahead log; WITHOUT ROWID for values up to 200 bytes, as its manual advises; mmap_size "
      "as large as it allows; cache_size of the cache size; a connection for each thread, busy "
      "ones "
      "wait; durable: synchronous=FULL, else OFF; statements prepared once";
  static std::string version() { return ::sqlite3_libversion(); }

  explicit SqlitePeer(const Opening& opening);
  void settle();
  void compact();

  class Session {
   public:
    explicit Session(SqlitePeer& peer) : connection_(peer.opening_) {}
    Session(const Session&) = delete;  // its statements refer to its connection
    Session& operator=(const Session&) = delete;
    ~Session() = default;

    bool get(const StoredKey& key, auto&& use) {
      get_.bind(1, key.text());
      const bool is_found = get_.step();
      if (is_found) use(get_.bytes(0));
      get_.reset();
      return is_found;
    }
    void put(const StoredKey& key, Bytes value) {
      put_.bind(1, key.text());
      put_.bind(2, quire::as_text(value));
      put_.run();
    }

   private:
    friend SqlitePeer;
    SqliteConnection connection_;
    SqliteStatement get_{connection_, "SELECT value FROM entries WHERE key = ?"};
    SqliteStatement put_{connection_, "INSERT OR REPLACE INTO entries (key, value) VALUES (?, ?)"};
    SqliteStatement erase_{connection_, "DELETE FROM entries WHERE key = ?"};
    SqliteStatement scan_{connection_,
                          "SELECT key, value FROM entries WHERE key >= ? ORDER BY key"};
    SqliteStatement scan_all_{connection_, "SELECT key, value FROM entries ORDER BY key"};
    SqliteStatement count_{connection_, "SELECT count(*) FROM entries"};
    SqliteStatement look_{connection_, "SELECT 1 FROM entries LIMIT 1"};
    SqliteStatement begin_{connection_, "BEGIN"};
    SqliteStatement begin_write_{connection_, "BEGIN IMMEDIATE"};
    SqliteStatement commit_{connection_, "COMMIT"};
  };

  /// A read transaction. It gets its state with the first look at the table, so it takes one.
  class Snapshot {
   public:
    explicit Snapshot(Session& session) : session_(session) {
      session_.begin_.run();
      session_.look_.run();
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() { session_.commit_.try_to_run(); }

    bool get(const StoredKey& key, auto&& use) { return session_.get(key, use); }
    std::uint64_t scan(const StoredKey& from, std::uint64_t limit, auto&& visit) {
      session_.scan_.bind(1, from.text());
      return visit_some(session_.scan_, limit, visit);
    }
    std::uint64_t scan_all(auto&& visit) {
      return visit_some(session_.scan_all_, UINT64_MAX, visit);
    }
    std::uint64_t count() {
      session_.count_.step();
      const std::uint64_t count = session_.count_.number(0);
      session_.count_.reset();
      return count;
    }

   private:
    static std::uint64_t visit_some(SqliteStatement& rows, std::uint64_t limit, auto&& visit) {
      std::uint64_t count = 0;
      for (; count < limit && rows.step(); ++count)
        visit(quire::as_text(rows.bytes(0)), rows.bytes(1));
      rows.reset();
      return count;
    }

    Session& session_;
  };

  class Edit {
   public:
    explicit Edit(Session& session) : session_(session) { session_.begin_write_.run(); }

    void put(const StoredKey& key, Bytes value) { session_.put(key, value); }
    void append(const StoredKey& key, Bytes value) { put(key, value); }
    void erase(const StoredKey& key) {
      session_.erase_.bind(1, key.text());
      session_.erase_.run();
    }
    void commit() { session_.commit_.run(); }

   private:
    Session& session_;
  };

 private:
  Opening opening_;
};
static_assert(Peer<SqlitePeer, std::uint64_t> && Peer<SqlitePeer, std::string>);

}  // namespace bench::peers
