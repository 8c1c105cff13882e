// OpenParts: a file that is open, recovered or joined, and the control block that goes with it.
#pragma once

#include <memory>
#include <string>

#include "quire/engine/base/result.hpp"
#include "quire/engine/mvcc/reader_registry.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/txn/data_file.hpp"
#include "quire/engine/txn/recovery.hpp"

namespace quire {

/// A registry that no core has yet.
struct AbandonRegistry {
  void operator()(ReaderRegistry* registry) const {
    registry->retire(nullptr);
    registry->abandon();
  }
};

/// What a Core is made of.
struct OpenParts {
  std::string path;
  Options options;
  FileSystem& files;
  std::shared_ptr<DataFile> data;
  Recovered recovered;
  std::unique_ptr<ReaderRegistry, AbandonRegistry> readers;  ///< whose words are set
  Log log;
  bool has_redo = false;  ///< commits are in the redo log only, and the file is to be shared: it is
                          ///< not ready for that, and has no registry
};

/// Fails as Database::open does.
Result<OpenParts> open_parts(const std::string& path, const Options& options);

}  // namespace quire
