// Creation: a new file gets its name only when it is complete and durable.
//
// It is built under a temporary name in the same directory, synced, and linked without replacing
// anything. A crash in the middle leaves no file, or a whole one, never something between.
#pragma once

#include <memory>
#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/options.hpp"

namespace quire {

/// The open file at path, locked for us alone (shared with other readers when read only), with
/// valid meta slots if it was made here. busy, file_missing, permission, no_space, io_failed.
Result<std::unique_ptr<File>> open_or_create(FileSystem& files, const std::string& path,
                                             const Options& options);

}  // namespace quire
