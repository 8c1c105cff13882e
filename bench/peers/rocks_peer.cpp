#include "peers/rocks_peer.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>

#include <thread>

namespace bench::peers {

namespace {

constexpr double rocks_bloom_bits = 10;

rocksdb::Options rocks_options(const Opening& opening) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = rocksdb::NewLRUCache(opening.cache_size);
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(rocks_bloom_bits));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.IncreaseParallelism(static_cast<int>(std::thread::hardware_concurrency()));
  return options;
}

}  // namespace

std::string RocksLibrary::version() {
  return std::to_string(ROCKSDB_MAJOR) + "." + std::to_string(ROCKSDB_MINOR) + "." +
         std::to_string(ROCKSDB_PATCH);
}

RocksLibrary::RocksLibrary(const Opening& opening) {
  rocksdb::DB* store = nullptr;
  const auto status =
      rocksdb::DB::Open(rocks_options(opening), opening.directory + "/entries.rocksdb", &store);
  if (!status.ok()) fail_in(name, "Open", status.ToString());
  store_.reset(store);
}

rocksdb::Status RocksLibrary::settle() { return store_->CompactRange({}, nullptr, nullptr); }

}  // namespace bench::peers
