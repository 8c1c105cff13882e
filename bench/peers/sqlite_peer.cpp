#include "peers/sqlite_peer.hpp"

namespace bench::peers {

namespace {

constexpr int busy_milliseconds = 60'000;
constexpr std::uint64_t largest_row_without_id = 200;  ///< bytes: a twentieth of a page

}  // namespace

SqliteConnection::SqliteConnection(const Opening& opening) {
  sqlite3* connection = nullptr;
  const std::string path = opening.directory + "/entries.sqlite";
  const int code =
      ::sqlite3_open_v2(path.c_str(), &connection,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(connection);
  check(code, "opening");
  check(::sqlite3_busy_timeout(connection, busy_milliseconds), "setting the timeout");
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA mmap_size = 1099511627776");
  execute(opening.sync == Sync::off ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
  // A negative size is one of KiB.
  execute(("PRAGMA cache_size = -" + std::to_string(opening.cache_size >> 10)).c_str());
}

void SqliteConnection::fail(std::string_view action) const {
  fail_in(SqlitePeer::name, action, ::sqlite3_errmsg(get()));
}

SqliteStatement::SqliteStatement(const SqliteConnection& connection, std::string_view text)
    : connection_(connection) {
  sqlite3_stmt* statement = nullptr;
  connection.check(
      ::sqlite3_prepare_v3(connection.get(), text.data(), static_cast<int>(text.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr),
      text);
  statement_.reset(statement);
}

SqlitePeer::SqlitePeer(const Opening& opening) : opening_(opening) {
  const bool is_small = opening.value_size <= largest_row_without_id;
  SqliteConnection(opening).execute(
      is_small
          ? "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
          : "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB)");
}

void SqlitePeer::settle() { SqliteConnection(opening_).execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

void SqlitePeer::compact() {
  SqliteConnection(opening_).execute("VACUUM");
  settle();
}

}  // namespace bench::peers
