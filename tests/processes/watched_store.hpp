// A shared file with one table, whose calls a test hears of.
#pragma once

#include <string>

#include "processes/shared_file.hpp"
#include "processes/watched_files.hpp"

namespace quire::test {

struct WatchedStore {
  WatchedStore() = default;
  WatchedStore(const WatchedStore&) = delete;
  WatchedStore& operator=(const WatchedStore&) = delete;
  /// Closes unwatched: what the test acted with may be gone.
  ~WatchedStore() { files.act_nowhere(); }

  TemporaryDirectory directory;
  std::string path = directory / "file";
  WatchedFiles files;
  Database database = open_shared(path, sharing_through(files));
  NamedTable table = add_table(database);
};

}  // namespace quire::test
