// WiredTiger: a row store with a log.
#pragma once

#include <wiredtiger.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "peers/peer.hpp"

namespace bench::peers {

/// Throws unless WiredTiger reports success.
void check_tiger(int code, std::string_view action);

struct CloseTiger {
  void operator()(WT_CONNECTION* connection) const noexcept {
    connection->close(connection, "leak_memory=true");
  }
  void operator()(WT_SESSION* session) const noexcept { session->close(session, nullptr); }
};

class TigerPeer {
  using HeldSession = std::unique_ptr<WT_SESSION, CloseTiger>;

  static WT_ITEM item_of(std::string_view bytes) noexcept {
    WT_ITEM item{};
    item.data = bytes.data();
    item.size = bytes.size();
    return item;
  }
  static Bytes bytes_of(const WT_ITEM& item) noexcept {
    return {static_cast<const std::byte*>(item.data), item.size};
  }
  static bool is_found(int code, std::string_view action) {
    if (code == WT_NOTFOUND) return false;
    check_tiger(code, action);
    return true;
  }

 public:
  static constexpr std::string_view name = "WiredTiger";
  static constexpr std::string_view configuration =
      "row store, cache_size of the cache size, checkpoints every 60 s or 2 GB of log as in "
      "MongoDB, "
      "no compression (values are random bytes), isolation=snapshot; durable: log synced by "
      "fdatasync, else written to the system";
  static std::string version();

  explicit TigerPeer(const Opening& opening);
  void settle();
  void compact();

  class Session {
   public:
    explicit Session(TigerPeer& peer) : session_(peer.open_session()), cursor_(open_cursor()) {}

    bool get(const StoredKey& key, auto&& use) {
      const WT_ITEM stored = item_of(key.text());
      cursor_->set_key(cursor_, &stored);
      const bool found = is_found(cursor_->search(cursor_), "search");
      if (found) {
        WT_ITEM value;
        check_tiger(cursor_->get_value(cursor_, &value), "get_value");
        use(bytes_of(value));
      }
      check_tiger(cursor_->reset(cursor_), "reset");
      return found;
    }
    void put(const StoredKey& key, Bytes value) {
      const WT_ITEM stored_key = item_of(key.text());
      const WT_ITEM stored_value = item_of(quire::as_text(value));
      cursor_->set_key(cursor_, &stored_key);
      cursor_->set_value(cursor_, &stored_value);
      check_tiger(cursor_->insert(cursor_), "insert");
    }

   private:
    friend TigerPeer;
    WT_CURSOR* open_cursor() {
      WT_CURSOR* cursor = nullptr;
      check_tiger(session_->open_cursor(session_.get(), table, nullptr, nullptr, &cursor),
                  "open_cursor");
      return cursor;
    }
    void begin() {
      check_tiger(session_->begin_transaction(session_.get(), "isolation=snapshot"),
                  "begin_transaction");
    }
    void commit() {
      check_tiger(session_->commit_transaction(session_.get(), nullptr), "commit_transaction");
    }

    HeldSession session_;
    WT_CURSOR* cursor_;  ///< closed with the session
  };

  class Snapshot {
   public:
    explicit Snapshot(Session& session) : session_(session) { session_.begin(); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() { session_.session_->rollback_transaction(session_.session_.get(), nullptr); }

    bool get(const StoredKey& key, auto&& use) { return session_.get(key, use); }
    std::uint64_t scan(const StoredKey& from, std::uint64_t limit, auto&& visit) {
      WT_CURSOR& cursor = *session_.cursor_;
      const WT_ITEM stored = item_of(from.text());
      cursor.set_key(&cursor, &stored);
      int order = 0;
      bool is_at_entry = is_found(cursor.search_near(&cursor, &order), "search_near");
      if (is_at_entry && order < 0) is_at_entry = is_found(cursor.next(&cursor), "next");
      return visit_some(is_at_entry, limit, visit);
    }
    std::uint64_t scan_all(auto&& visit) {
      WT_CURSOR& cursor = *session_.cursor_;
      check_tiger(cursor.reset(&cursor), "reset");
      return visit_some(is_found(cursor.next(&cursor), "next"), UINT64_MAX, visit);
    }
    std::uint64_t count() {
      return scan_all([](const auto&, Bytes) {});
    }

   private:
    std::uint64_t visit_some(bool is_at_entry, std::uint64_t limit, auto&& visit) {
      WT_CURSOR& cursor = *session_.cursor_;
      std::uint64_t count = 0;
      while (is_at_entry && count < limit) {
        WT_ITEM key;
        WT_ITEM value;
        check_tiger(cursor.get_key(&cursor, &key), "get_key");
        check_tiger(cursor.get_value(&cursor, &value), "get_value");
        visit(quire::as_text(bytes_of(key)), bytes_of(value));
        if (++count < limit) is_at_entry = is_found(cursor.next(&cursor), "next");
      }
      check_tiger(cursor.reset(&cursor), "reset");
      return count;
    }

    Session& session_;
  };

  /// Its changes lie in the cache until it ends, so a large one is committed in parts.
  class Edit {
   public:
    explicit Edit(Session& session) : session_(session) { session_.begin(); }

    void put(const StoredKey& key, Bytes value) {
      session_.put(key, value);
      count();
    }
    void append(const StoredKey& key, Bytes value) { put(key, value); }
    void erase(const StoredKey& key) {
      WT_CURSOR& cursor = *session_.cursor_;
      const WT_ITEM stored = item_of(key.text());
      cursor.set_key(&cursor, &stored);
      is_found(cursor.remove(&cursor), "remove");
      count();
    }
    void commit() { session_.commit(); }

   private:
    void count() {
      if (++size_ % largest_batch != 0) return;
      session_.commit();
      session_.begin();
    }

    Session& session_;
    std::uint64_t size_ = 0;
  };

 private:
  static constexpr const char* table = "table:entries";

  [[nodiscard]] HeldSession open_session() const;

  std::unique_ptr<WT_CONNECTION, CloseTiger> connection_;
};
static_assert(Peer<TigerPeer, std::uint64_t> && Peer<TigerPeer, std::string>);

}  // namespace bench::peers
