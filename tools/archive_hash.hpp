// The hashes of keys in archived hash tables.
#pragma once

#include <cstdint>

#include "quire/formats/rkyv/schema.hpp"
#include "tools/json.hpp"

namespace kvtool::archive {

/// The hash of a key, which must be a value of the type as JSON.
std::uint64_t hash_of(const quire::rkyv::Type& type, const Json& key);

}  // namespace kvtool::archive
