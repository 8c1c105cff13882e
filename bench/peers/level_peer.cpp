#include "peers/level_peer.hpp"

namespace bench::peers {

namespace {

constexpr int level_bloom_bits = 10;
constexpr std::size_t write_buffer_size = std::size_t{64} << 20;  ///< RocksDB's default

}  // namespace

std::string LevelLibrary::version() {
  return std::to_string(leveldb::kMajorVersion) + "." + std::to_string(leveldb::kMinorVersion);
}

LevelLibrary::LevelLibrary(const Opening& opening)
    : cache_(leveldb::NewLRUCache(opening.cache_size)),
      filter_(leveldb::NewBloomFilterPolicy(level_bloom_bits)) {
  leveldb::Options options;
  options.create_if_missing = true;
  options.compression = leveldb::kNoCompression;
  options.block_cache = cache_.get();
  options.filter_policy = filter_.get();
  options.write_buffer_size = write_buffer_size;
  leveldb::DB* store = nullptr;
  const auto status = leveldb::DB::Open(options, opening.directory + "/entries.leveldb", &store);
  if (!status.ok()) fail_in(name, "Open", status.ToString());
  store_.reset(store);
}

leveldb::Status LevelLibrary::settle() {
  store_->CompactRange(nullptr, nullptr);
  return {};
}

}  // namespace bench::peers
