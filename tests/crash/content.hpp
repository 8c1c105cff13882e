// Content: what a database should hold, as sorted maps, and a digest to compare it by.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/txn/snapshot.hpp"

namespace quire::test {

using Entries = std::map<std::string, std::string>;
using Tables = std::map<std::string, Entries>;

/// Equal for equal content, and for nothing else that a test meets.
using Digest = std::array<std::uint64_t, 2>;

Digest digest_of(const Tables& tables);

/// Reads every entry of every table.
Result<Digest> digest_of(const Snapshot& snapshot);

/// "3 tables, 41 entries", for the message of a failed test.
std::string describe(const Tables& tables);

}  // namespace quire::test
