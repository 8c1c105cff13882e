// Creation: a new file gets its name only when it is complete and durable.
//
// It is built under a temporary name in the same directory, synced, and linked without replacing
// anything. A crash in the middle leaves no file, or a whole one, never something between.
//
// Where processes share the file, one at a time comes or goes (LockPlace::opening). Who then gets
// `presence` for himself is the first: he recovers the file and makes the lock file. Anybody else
// goes on from what the lock file says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/mvcc/lock_file.hpp"
#include "quire/engine/options.hpp"

namespace quire {

/// As what somebody has the file.
enum class Presence : std::uint8_t {
  alone,    ///< nobody else may open it
  reading,  ///< like others that only read
  first,    ///< it will be shared; until admit() nobody else may open it
  joined,   ///< it is shared already
};

struct OpenedFile {
  std::unique_ptr<File> file;
  Presence presence = Presence::alone;
  std::optional<LockFile> lock_file;  ///< of a file that was joined
  bool is_new = false;                ///< it was made here
};

/// The open file at path, locked, with valid meta slots if it was made here. busy, file_missing,
/// permission, no_space, io_failed.
Result<OpenedFile> open_or_create(FileSystem& files, const std::string& path,
                                  const Options& options);

/// The opening is over: others may come, and go.
Status admit_others(File& file, Presence presence);

}  // namespace quire
