// quire: its typed tables, as a program uses them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "peers/peer.hpp"

namespace bench::peers {

/// Whether commits are recorded, which keeps other processes from the file.
enum class RedoLog : std::uint8_t { none, used };

/// Keys are K: numbers, or text.
template <class K, RedoLog redo_log = RedoLog::none>
class QuirePeer {
  using Table = quire::Table<K, Bytes>;
  using KeyArgument = typename Table::KeyArgument;

 public:
  static constexpr bool is_recording = redo_log == RedoLog::used;
  static constexpr std::string_view name = is_recording ? "quire+redo" : "quire";
  static constexpr std::string_view configuration =
      is_recording
          ? "as quire, with a redo log of 8 MiB (StorageBuilder::with_redo_log), for one process"
          : "defaults: 4 KiB pages, checksums verified at first touch, shared by processes; "
            "durable: Durability::full; else Durability::buffered, synced after no amount of bytes";
  static std::string version() { return QUIRE_VERSION; }

  explicit QuirePeer(const Opening& opening)
      : opening_(opening), storage_(open(opening)), table_(open_table(*storage_)) {}

  void settle() { storage_->sync().value(); }

  /// A compact copy takes the place of the file.
  void compact() {
    const std::string copy = path_of(opening_) + "-copy";
    storage_->backup(copy).value();
    table_.reset();
    storage_->close().value();
    storage_.reset();
    std::filesystem::rename(copy, path_of(opening_));
    storage_ = open(opening_);
    table_ = open_table(*storage_);
  }

  class Session {
   public:
    explicit Session(QuirePeer& peer) : storage_(*peer.storage_), table_(*peer.table_) {}

    bool get(const KeyArgument& key, auto&& use) { return get_from(table_, key, use); }
    void put(const KeyArgument& key, Bytes value) { table_.put(key, value).value(); }

   private:
    friend QuirePeer;
    quire::Storage storage_;
    Table table_;
  };

  class Snapshot {
   public:
    explicit Snapshot(Session& session)
        : table_(session.storage_.snapshot().value().table(session.table_)) {}

    bool get(const KeyArgument& key, auto&& use) { return get_from(table_, key, use); }
    void get_many(std::span<const K> keys, auto&& use) {
      for (const auto& found : table_.get_many(keys).value())
        if (found) use(**found);
    }
    std::uint64_t scan(const KeyArgument& from, std::uint64_t limit, auto&& visit) {
      return visit_some(table_.range_from(from), limit, visit);
    }
    std::uint64_t scan_all(auto&& visit) { return visit_some(table_.range(), UINT64_MAX, visit); }
    std::uint64_t count() { return table_.size().value(); }

   private:
    static std::uint64_t visit_some(auto range, std::uint64_t limit, auto&& visit) {
      std::uint64_t count = 0;
      for (; count < limit; ++count) {
        const auto* const entry = range.next().value();
        if (entry == nullptr) break;
        visit(entry->key, *entry->value);
      }
      return count;
    }

    decltype(std::declval<quire::StorageSnapshot&>().table(std::declval<Table&>())) table_;
  };

  class Edit {
   public:
    explicit Edit(Session& session)
        : txn_(session.storage_.begin_write().value()), table_(txn_.table(session.table_)) {}

    void put(const KeyArgument& key, Bytes value) { table_.put(key, value).value(); }
    void append(const KeyArgument& key, Bytes value) { put(key, value); }
    void erase(const KeyArgument& key) { table_.erase(key).value(); }
    void commit() { std::move(txn_).commit().value(); }

   private:
    quire::StorageTransaction txn_;
    decltype(std::declval<quire::StorageTransaction&>().table(std::declval<Table&>())) table_;
  };

 private:
  static std::string path_of(const Opening& opening) {
    return opening.directory + "/entries.quire";
  }
  static quire::Storage open(const Opening& opening) {
    const bool waits = opening.sync == Sync::each_commit;
    quire::StorageBuilder builder(path_of(opening));
    builder.with_durability(waits ? quire::Durability::full : quire::Durability::buffered)
        .with_background_sync({});
    // As the others, which sync only when they are told to.
    if (!waits) builder.with_sync_after(std::numeric_limits<std::uint64_t>::max());
    if (is_recording) builder.with_redo_log();
    return builder.build().value();
  }
  static Table open_table(const quire::Storage& storage) {
    return storage.new_table<K, Bytes>("entries").build().value();
  }
  static bool get_from(const auto& table, const KeyArgument& key, auto&& use) {
    const auto found = table.get(key).value();
    if (!found) return false;
    use(**found);
    return true;
  }

  Opening opening_;
  std::optional<quire::Storage> storage_;
  std::optional<Table> table_;
};
static_assert(Peer<QuirePeer<std::uint64_t>, std::uint64_t>);
static_assert(Peer<QuirePeer<std::string>, std::string>);
static_assert(Peer<QuirePeer<std::uint64_t, RedoLog::used>, std::uint64_t>);

}  // namespace bench::peers
