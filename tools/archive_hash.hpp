// The places of keys in archived hash tables.
#pragma once

#include <cstdint>
#include <vector>

#include "quire/formats/rkyv/schema.hpp"
#include "tools/json.hpp"

namespace kvtool::archive {

/// The hash of a key, which must be a value of the type as JSON.
std::uint64_t hash_of(const quire::rkyv::Type& type, const Json& key);

/// The bucket that a key with this hash gets: one is free.
std::uint64_t first_free(const quire::rkyv::HashSizes& sizes, const std::vector<bool>& is_taken,
                         std::uint64_t hash);

}  // namespace kvtool::archive
