// RocksDB and LevelDB, which have nearly the same interface: log-structured merge trees.
//
// A library says what its names are, how it is opened, and how it is settled; see rocks_peer.hpp
// and level_peer.hpp.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "peers/peer.hpp"

namespace bench::peers {

template <class Library>
class LsmPeer {
  using Store = typename Library::Store;
  using Slice = typename Library::Slice;
  using Iterator = typename Library::Iterator;
  using ReadOptions = typename Library::ReadOptions;
  using WriteOptions = typename Library::WriteOptions;
  using Held = typename Library::Held;

  static Slice slice_of(const StoredKey& key) { return {key.data(), key.size()}; }
  static Slice slice_of(Bytes value) {
    const std::string_view text = quire::as_text(value);
    return {text.data(), text.size()};
  }
  static Bytes bytes_of(const auto& slice) {
    return quire::as_bytes(std::string_view(slice.data(), slice.size()));
  }
  static void check(const auto& status, std::string_view action) {
    if (status.ok()) [[likely]]
      return;
    fail_in(name, action, status.ToString());
  }
  static bool get_from(Store& store, const ReadOptions& options, const StoredKey& key, Held& held,
                       auto&& use) {
    const auto status = Library::get(store, options, slice_of(key), held);
    if (status.IsNotFound()) return false;
    check(status, "Get");
    use(bytes_of(held));
    return true;
  }

 public:
  static constexpr std::string_view name = Library::name;
  static constexpr std::string_view configuration = Library::configuration;
  static std::string version() { return Library::version(); }

  explicit LsmPeer(const Opening& opening) : library_(opening) {
    writing_.sync = opening.sync == Sync::each_commit;
  }
  void settle() { check(library_.settle(), "settling"); }
  void compact() { settle(); }

  class Session {
   public:
    explicit Session(LsmPeer& peer) : store_(peer.library_.store()), writing_(peer.writing_) {}

    bool get(const StoredKey& key, auto&& use) { return get_from(store_, {}, key, held_, use); }
    void put(const StoredKey& key, Bytes value) {
      check(store_.Put(writing_, slice_of(key), slice_of(value)), "Put");
    }

   private:
    friend LsmPeer;
    Store& store_;
    const WriteOptions& writing_;
    Held held_;
  };

  class Snapshot {
   public:
    explicit Snapshot(Session& session) : store_(session.store_), held_(session.held_) {
      reading_.snapshot = store_.GetSnapshot();
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() {
      iterator_.reset();
      store_.ReleaseSnapshot(reading_.snapshot);
    }

    bool get(const StoredKey& key, auto&& use) {
      return get_from(store_, reading_, key, held_, use);
    }
    template <class Key>
    void get_many(std::span<const Key> keys, auto&& use)
      requires requires { &Library::get_many; }
    {
      std::deque<StoredKey> stored;
      std::vector<Slice> slices;
      for (const Key& key : keys) slices.push_back(slice_of(stored.emplace_back(key)));
      std::vector<Held> values(keys.size());
      const auto found = Library::get_many(store_, reading_, slices, values);
      for (std::size_t at = 0; at < values.size(); ++at) {
        if (found[at].IsNotFound()) continue;
        check(found[at], "MultiGet");
        use(bytes_of(values[at]));
      }
    }
    std::uint64_t scan(const StoredKey& from, std::uint64_t limit, auto&& visit) {
      iterator().Seek(slice_of(from));
      return visit_some(limit, visit);
    }
    std::uint64_t scan_all(auto&& visit) {
      iterator().SeekToFirst();
      return visit_some(UINT64_MAX, visit);
    }
    std::uint64_t count() {
      return scan_all([](const auto&, Bytes) {});
    }

   private:
    Iterator& iterator() {
      if (!iterator_) iterator_.reset(store_.NewIterator(reading_));
      return *iterator_;
    }
    std::uint64_t visit_some(std::uint64_t limit, auto&& visit) {
      std::uint64_t count = 0;
      for (; count < limit && iterator_->Valid(); ++count, iterator_->Next()) {
        const Slice key = iterator_->key();
        visit(std::string_view(key.data(), key.size()), bytes_of(iterator_->value()));
      }
      check(iterator_->status(), "iterating");
      return count;
    }

    Store& store_;
    Held& held_;
    ReadOptions reading_;
    std::unique_ptr<Iterator> iterator_;
  };

  /// A batch, written when it is full and at the end.
  class Edit {
   public:
    explicit Edit(Session& session) : store_(session.store_), writing_(session.writing_) {}

    void put(const StoredKey& key, Bytes value) {
      batch_.Put(slice_of(key), slice_of(value));
      count();
    }
    void append(const StoredKey& key, Bytes value) { put(key, value); }
    void erase(const StoredKey& key) {
      batch_.Delete(slice_of(key));
      count();
    }
    void commit() { write(writing_); }

   private:
    void count() {
      if (++size_ == largest_batch) write({});
    }
    void write(const WriteOptions& options) {
      check(store_.Write(options, &batch_), "Write");
      batch_.Clear();
      size_ = 0;
    }

    Store& store_;
    const WriteOptions& writing_;
    typename Library::WriteBatch batch_;
    std::uint64_t size_ = 0;
  };

 private:
  Library library_;
  WriteOptions writing_;
};

}  // namespace bench::peers
