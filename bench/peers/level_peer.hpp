// LevelDB, set up as RocksDB is where it has the same choices.
#pragma once

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <memory>
#include <string>
#include <string_view>

#include "peers/lsm_peer.hpp"

namespace bench::peers {

class LevelLibrary {
 public:
  using Store = leveldb::DB;
  using Slice = leveldb::Slice;
  using Iterator = leveldb::Iterator;
  using ReadOptions = leveldb::ReadOptions;
  using WriteOptions = leveldb::WriteOptions;
  using WriteBatch = leveldb::WriteBatch;
  using Held = std::string;  ///< it knows no other way than to copy a value

  static constexpr std::string_view name = "LevelDB";
  static constexpr std::string_view configuration =
      "block cache of the cache size, Bloom filters of 10 bits, write buffer of 64 MiB, no "
      "compression (values are random bytes); durable: WriteOptions::sync; read files compacted";
  static std::string version();

  explicit LevelLibrary(const Opening& opening);

  [[nodiscard]] Store& store() const noexcept { return *store_; }
  leveldb::Status settle();
  static leveldb::Status get(Store& store, const ReadOptions& options, const Slice& key,
                             Held& held) {
    return store.Get(options, key, &held);
  }

 private:
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<Store> store_;
};

using LevelPeer = LsmPeer<LevelLibrary>;
static_assert(Peer<LevelPeer, std::uint64_t> && Peer<LevelPeer, std::string>);

}  // namespace bench::peers
