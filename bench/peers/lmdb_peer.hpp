// LMDB, with its default flags or with a writable map.
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lmdb_store.hpp"
#include "peers/peer.hpp"

namespace bench::peers {

/// How LMDB maps its file.
enum class LmdbMap : unsigned { read_only = 0, writable = MDB_WRITEMAP };

/// An environment with its one unnamed table.
class LmdbEnvironment {
 public:
  LmdbEnvironment(Opening opening, LmdbMap map);

  void settle();
  /// A compact copy takes the place of the file.
  void compact();
  [[nodiscard]] MDB_txn* begin(unsigned flags) const;
  [[nodiscard]] MDB_dbi table() const noexcept { return table_; }

 private:
  void open();

  Opening opening_;
  LmdbMap map_;
  std::unique_ptr<MDB_env, CloseEnvironment> environment_;
  MDB_dbi table_ = 0;
};

std::string lmdb_version();

template <LmdbMap map>
class LmdbPeer {
  static constexpr bool is_writable = map == LmdbMap::writable;
  static MDB_val key_of(const StoredKey& key) noexcept {
    return {.mv_size = key.size(), .mv_data = const_cast<char*>(key.data())};
  }
  static MDB_val value_of(Bytes value) noexcept {
    return {.mv_size = value.size(), .mv_data = const_cast<std::byte*>(value.data())};
  }
  static Bytes bytes_of(const MDB_val& value) noexcept {
    return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
  }
  static bool is_found(int code, const char* action) {
    if (code == MDB_NOTFOUND) return false;
    check_lmdb(code, action);
    return true;
  }

 public:
  static constexpr std::string_view name = is_writable ? "LMDB WRITEMAP" : "LMDB";
  static constexpr std::string_view configuration =
      is_writable ? "MDB_WRITEMAP; unsynced: and MDB_NOSYNC"
                  : "default flags; unsynced: MDB_NOSYNC; sequential loads: MDB_APPEND";
  static std::string version() { return lmdb_version(); }

  explicit LmdbPeer(const Opening& opening) : environment_(opening, map) {}
  void settle() { environment_.settle(); }
  void compact() { environment_.compact(); }

  /// Keeps its read transaction, to be renewed: the cheapest way that LMDB has.
  class Session {
   public:
    explicit Session(LmdbPeer& peer) : environment_(peer.environment_) {}

    bool get(const StoredKey& key, auto&& use) {
      Snapshot snapshot(*this);
      return snapshot.get(key, use);
    }
    void put(const StoredKey& key, Bytes value) {
      Edit edit(*this);
      edit.put(key, value);
      edit.commit();
    }

   private:
    friend LmdbPeer;
    const LmdbEnvironment& environment_;
    std::unique_ptr<MDB_txn, AbortTransaction> reading_;
  };

  class Snapshot {
   public:
    explicit Snapshot(Session& session) : table_(session.environment_.table()) {
      if (session.reading_) {
        check_lmdb(::mdb_txn_renew(session.reading_.get()), "mdb_txn_renew");
      } else {
        session.reading_.reset(session.environment_.begin(MDB_RDONLY));
      }
      txn_ = session.reading_.get();
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() {
      cursor_.reset();
      ::mdb_txn_reset(txn_);
    }

    bool get(const StoredKey& key, auto&& use) {
      MDB_val stored = key_of(key);
      MDB_val value;
      if (!is_found(::mdb_get(txn_, table_, &stored, &value), "mdb_get")) return false;
      use(bytes_of(value));
      return true;
    }
    std::uint64_t scan(const StoredKey& from, std::uint64_t limit, auto&& visit) {
      return visit_some(key_of(from), MDB_SET_RANGE, limit, visit);
    }
    std::uint64_t scan_all(auto&& visit) { return visit_some({}, MDB_FIRST, UINT64_MAX, visit); }
    std::uint64_t count() {
      MDB_stat statistics;
      check_lmdb(::mdb_stat(txn_, table_, &statistics), "mdb_stat");
      return statistics.ms_entries;
    }

   private:
    std::uint64_t visit_some(MDB_val key, MDB_cursor_op step, std::uint64_t limit, auto&& visit) {
      if (!cursor_) {
        MDB_cursor* cursor = nullptr;
        check_lmdb(::mdb_cursor_open(txn_, table_, &cursor), "mdb_cursor_open");
        cursor_.reset(cursor);
      }
      std::uint64_t count = 0;
      MDB_val value;
      for (; count < limit; ++count, step = MDB_NEXT) {
        if (!is_found(::mdb_cursor_get(cursor_.get(), &key, &value, step), "mdb_cursor_get")) break;
        visit(quire::as_text(bytes_of(key)), bytes_of(value));
      }
      return count;
    }

    MDB_txn* txn_;
    MDB_dbi table_;
    std::unique_ptr<MDB_cursor, CloseCursor> cursor_;
  };

  class Edit {
   public:
    explicit Edit(Session& session)
        : txn_(session.environment_.begin(0)), table_(session.environment_.table()) {}

    void put(const StoredKey& key, Bytes value) { store(key, value, 0); }
    void append(const StoredKey& key, Bytes value) { store(key, value, MDB_APPEND); }
    void erase(const StoredKey& key) {
      MDB_val stored = key_of(key);
      is_found(::mdb_del(txn_.get(), table_, &stored, nullptr), "mdb_del");
    }
    void commit() { check_lmdb(::mdb_txn_commit(txn_.release()), "mdb_txn_commit"); }

   private:
    void store(const StoredKey& key, Bytes value, unsigned flags) {
      MDB_val stored_key = key_of(key);
      MDB_val stored_value = value_of(value);
      check_lmdb(::mdb_put(txn_.get(), table_, &stored_key, &stored_value, flags), "mdb_put");
    }

    std::unique_ptr<MDB_txn, AbortTransaction> txn_;
    MDB_dbi table_;
  };

 private:
  LmdbEnvironment environment_;
};
static_assert(Peer<LmdbPeer<LmdbMap::read_only>, std::uint64_t>);
static_assert(Peer<LmdbPeer<LmdbMap::writable>, std::string>);

}  // namespace bench::peers
