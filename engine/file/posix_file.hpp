// The file system of the machine: Linux system calls behind File and FileSystem.
//
// Locks are open-file-description locks: they belong to the open file and not to the process, so
// two openings in one process exclude each other and a killed process leaves none behind.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "quire/engine/file/file.hpp"

namespace quire {

/// The byte of the data file that presence locks are taken on; those of the other LockPlaces follow
/// it. No file has data there: 2^31 pages of 64 KiB end at 2^47. Part of the protocol between
/// processes, so it never changes.
inline constexpr std::int64_t first_lock_offset = std::int64_t{1} << 62;

/// File::identity of what is there; nothing where nothing is.
std::optional<std::array<std::uint64_t, 2>> posix_identity_at(const std::string& path);

/// The one object of its kind. Lives as long as the process; thread-safe.
FileSystem& posix_file_system();

}  // namespace quire
