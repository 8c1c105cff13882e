// A database file on the machine that the processes of a test share.
#pragma once

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "quire/engine/database.hpp"
#include "quire/engine/page/page_view.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/txn/meta.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {

inline Options sharing(Durability durability = Durability::full) {
  Options options;
  options.sharing = Sharing::shared;
  options.durability = durability;
  return options;
}

inline Options sharing_through(FileSystem& files) {
  Options options = sharing();
  options.file_system = &files;
  return options;
}

inline Database open_shared(const std::string& path, const Options& options = sharing()) {
  return Database::open(path, options).value();
}

inline NamedTable find_table(const Database& database, std::string_view name = "t") {
  const TableInfo info = database.snapshot().value().table(name).value().value();
  return {info.root.table, std::string(name)};
}

/// What another process is told when it opens the file: an ErrorCode + 1; 0: it could.
inline int opening_elsewhere(const std::string& path, const Options& options) {
  ChildProcess child([&] {
    const Result<Database> opened = Database::open(path, options);
    return opened ? 0 : static_cast<int>(opened.error().code()) + 1;
  });
  return child.wait();
}

constexpr int refused(ErrorCode code) { return static_cast<int>(code) + 1; }

/// The newest transaction under which a page of the file was written.
inline TxnId newest_born(const std::string& path, const Database& database) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> page(layout::default_page_size);
  const FileSeed seed = seed_of(database.statistics().value().file_id);
  TxnId newest;
  for (std::uint32_t number = 0; file.read(page.data(), std::ssize(page)); ++number) {
    const Bytes bytes = std::as_bytes(std::span(page));
    if (page_checksum_holds(bytes, {number}, seed))
      newest = std::max(newest, PageView(bytes.data(), layout::default_page_size).born());
  }
  return newest;
}

}  // namespace quire::test
