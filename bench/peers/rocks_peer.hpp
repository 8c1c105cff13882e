// RocksDB, as its wiki advises to set it up.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "peers/lsm_peer.hpp"

namespace bench::peers {

class RocksLibrary {
 public:
  using Store = rocksdb::DB;
  using Slice = rocksdb::Slice;
  using Iterator = rocksdb::Iterator;
  using ReadOptions = rocksdb::ReadOptions;
  using WriteOptions = rocksdb::WriteOptions;
  using WriteBatch = rocksdb::WriteBatch;
  using Held = rocksdb::PinnableSlice;  ///< a value pinned where it lies in the block cache

  static constexpr std::string_view name = "RocksDB";
  static constexpr std::string_view configuration =
      "block cache of the cache size, Bloom filters of 10 bits, no compression (values are random "
      "bytes), IncreaseParallelism(processors); durable: WriteOptions::sync; read files compacted";
  static std::string version();

  explicit RocksLibrary(const Opening& opening);

  [[nodiscard]] Store& store() const noexcept { return *store_; }
  rocksdb::Status settle();
  static rocksdb::Status get(Store& store, const ReadOptions& options, const Slice& key,
                             Held& held) {
    held.Reset();
    return store.Get(options, store.DefaultColumnFamily(), key, &held);
  }

  /// All of them, into values of the same number.
  static std::vector<rocksdb::Status> get_many(Store& store, const ReadOptions& options,
                                               const std::vector<Slice>& keys,
                                               std::vector<Held>& values) {
    std::vector<rocksdb::Status> found(keys.size());
    store.MultiGet(options, store.DefaultColumnFamily(), keys.size(), keys.data(), values.data(),
                   found.data());
    return found;
  }

 private:
  std::unique_ptr<Store> store_;
};

using RocksPeer = LsmPeer<RocksLibrary>;
static_assert(Peer<RocksPeer, std::uint64_t> && Peer<RocksPeer, std::string>);

}  // namespace bench::peers
