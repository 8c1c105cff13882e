// The hashes of keys in archived hash tables, and the buckets that they get.
#pragma once

#include <cstdint>
#include <optional>

#include "quire/formats/rkyv/hash_controls.hpp"
#include "quire/formats/rkyv/schema.hpp"
#include "tools/json.hpp"

namespace kvtool::archive {

/// The hash of a key, which must be a value of the type as JSON.
std::uint64_t hash_of(const quire::rkyv::Type& type, const Json& key);

/// Fills a hash table in time in proportion to its size. The hash has no secret, so whoever chooses
/// the keys can make all of them want one bucket, and a million of those would take hours.
class BucketFiller {
 public:
  explicit BucketFiller(const quire::rkyv::HashSizes& sizes)
      : sizes_(sizes), controls_(sizes), groups_left_(most_groups_each * sizes.buckets) {}

  /// The bucket that a key with this hash gets: one is empty. Nothing once that has taken much
  /// longer than for keys that nobody chose for it.
  [[nodiscard]] std::optional<std::uint64_t> first_empty(std::uint64_t hash);
  void fill(std::uint64_t bucket, std::uint64_t hash) { controls_.fill(bucket, hash); }
  [[nodiscard]] quire::Bytes controls() const { return controls_.bytes(); }

 private:
  /// Keys that nobody chose look at one or two groups, a few times.
  static constexpr std::uint64_t most_groups_each = 64;

  quire::rkyv::HashSizes sizes_;
  quire::rkyv::HashControls controls_;
  std::uint64_t groups_left_;
};

}  // namespace kvtool::archive
