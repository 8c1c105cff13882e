// The check of an archive: whether reading it as its schema says stays within it and meets only
// values of its types.
//
// Every block that is owned belongs to one owner, and lies behind the blocks of its elder siblings
// and before its owner. So there is no cycle, and the check takes time in proportion to the archive
// (sequences of things without a size take none).
//
// It is as strict as the rkyv crate, and stricter where that lets a reader run out of the archive:
// the control bytes of hash tables must be those that a writer makes.
#pragma once

#include <cstdint>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/rkyv/schema.hpp"

namespace quire::rkyv {

/// How deep blocks may lie in blocks. Reading and checking goes as deep on the stack.
inline constexpr std::uint32_t default_depth = 1'000;

/// corrupt, with what is wrong at which byte. Takes any bytes, at any address.
[[nodiscard]] Status check(const Schema& schema, Bytes archive,
                           std::uint32_t max_depth = default_depth);

/// Throws bad_alloc.
[[noreturn]] void lack_memory();

/// The root object of an archive that is at least as large.
[[nodiscard]] inline const std::byte* root_of(const Type& root, Bytes archive) noexcept {
  return archive.data() + (archive.size() - root.extent.size);
}

}  // namespace quire::rkyv
