// The guard at the door of the file systems: a database is not opened where its promises cannot be
// kept.
#pragma once

#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/options.hpp"

namespace quire {

/// Whether a database may lie where this file does. A file system that nothing is known of is
/// tried, beside path, if it is to be written: what is written must be seen through a map at once.
/// unsupported_file; what goes wrong in trying.
Status check_file_system(FileSystem& files, const File& file, const std::string& path,
                         const Options& options);

}  // namespace quire
