// Store: a database in memory, and short ways to speak to it in texts.
//
// Whatever fails here throws: a test says what it expects, and nothing else may go wrong.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/engine/database.hpp"
#include "quire/engine/file/memory_file.hpp"

namespace quire::test {

/// A table as calls name it.
struct NamedTable {
  TableId id;
  std::string name;
};

inline TableSpec aligned_to(std::uint32_t alignment) {
  TableSpec spec;
  spec.value_alignment = alignment;
  return spec;
}

inline TableSpec described_by(std::string key_descriptor, std::string value_descriptor) {
  TableSpec spec;
  spec.key_descriptor = std::move(key_descriptor);
  spec.value_descriptor = std::move(value_descriptor);
  return spec;
}

inline NamedTable make_table(WriteTransaction& txn, std::string_view name,
                             const TableSpec& spec = {}) {
  return {txn.create_table(name, spec).value(), std::string(name)};
}

inline bool put(WriteTransaction& txn, const NamedTable& table, std::string_view key,
                std::string_view value, PutMode mode = PutMode::upsert) {
  return txn.put(table.id, table.name, as_bytes(key), as_bytes(value), mode).value();
}

inline bool erase(WriteTransaction& txn, const NamedTable& table, std::string_view key) {
  return txn.erase(table.id, table.name, as_bytes(key)).value();
}

inline std::optional<std::string> text_of(const Result<std::optional<Value>>& value) {
  const std::optional<Value>& found = value.value();
  return found ? std::optional<std::string>(as_text(*found)) : std::nullopt;
}

inline std::optional<std::string> get(WriteTransaction& txn, const NamedTable& table,
                                      std::string_view key) {
  return text_of(txn.get(table.id, table.name, as_bytes(key)));
}

inline TreeRoot root_of(const Snapshot& snapshot, const NamedTable& table) {
  return snapshot.root(table.id, table.name).value().value();
}

inline std::optional<std::string> get(const Snapshot& snapshot, const NamedTable& table,
                                      std::string_view key) {
  return text_of(snapshot.get(root_of(snapshot, table), as_bytes(key)));
}

/// Every entry in front of the cursor's end, in the order in which it gives them.
inline std::vector<std::pair<std::string, std::string>> entries(Cursor cursor) {
  std::vector<std::pair<std::string, std::string>> all;
  for (bool at = cursor.seek_first().value(); at; at = cursor.next().value())
    all.emplace_back(as_text(cursor.key()), as_text(cursor.value().value()));
  return all;
}

using Content = std::map<std::string, std::string>;

inline Content content(const Snapshot& snapshot, const NamedTable& table) {
  const auto all = entries(snapshot.cursor(root_of(snapshot, table)));
  return {all.begin(), all.end()};
}

inline CommitReceipt commit(WriteTransaction& txn, std::optional<Durability> durability = {}) {
  return std::move(txn).commit(durability).value();
}

/// A new table in a commit of its own.
inline NamedTable add_table(const Database& database, std::string_view name = "t") {
  WriteTransaction txn = database.begin_write().value();
  NamedTable table = make_table(txn, name);
  commit(txn);
  return table;
}

/// One entry in a commit of its own.
inline CommitReceipt store(const Database& database, const NamedTable& table, std::string_view key,
                           std::string_view value = "value") {
  WriteTransaction txn = database.begin_write().value();
  put(txn, table, key, value);
  return commit(txn);
}

/// What is stored there now.
inline std::optional<std::string> look(const Database& database, const NamedTable& table,
                                       std::string_view key) {
  return get(database.snapshot().value(), table, key);
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().code();
}

/// A key whose order is that of its number.
inline std::string key_of(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(12 - digits.size(), '0') + digits;
}

/// The number of pages from the first that a tree may use on.
inline std::uint64_t page_total(const Statistics& statistics) {
  return statistics.page_count - layout::first_page(statistics.page_size);
}

/// Law: a sound file has no finding, and each of its pages is exactly one thing.
inline void require_sound(const Database& database) {
  const CheckReport report = database.check().value();
  for (const Finding& finding : report.findings)
    MESSAGE("page " << finding.page.value << ": " << finding.text);
  REQUIRE(report.is_clean());
  const std::uint64_t total = report.tree_pages + report.overflow_pages + report.log_pages +
                              report.redo_pages + report.free_pages;
  REQUIRE(total == page_total(database.statistics().value()));
}

/// A file system in memory with one file, which is opened as often as a test likes.
class Store {
 public:
  static constexpr const char* path = "store";

  explicit Store(const Options& options = {}) : options_(options) { open(); }

  [[nodiscard]] Database& database() { return *database_; }
  [[nodiscard]] WriteTransaction begin() { return database_->begin_write().value(); }
  [[nodiscard]] Snapshot snapshot() { return database_->snapshot().value(); }
  [[nodiscard]] Statistics statistics() { return database_->statistics().value(); }
  [[nodiscard]] MemoryFileSystem& files() { return *files_; }

  /// Closes cleanly and opens again.
  void reopen() {
    database_->close().value();
    database_.reset();
    open();
  }

  /// A new table in a commit of its own.
  NamedTable table(std::string_view name, const TableSpec& spec = {}) {
    WriteTransaction txn = begin();
    NamedTable made = make_table(txn, name, spec);
    commit(txn);
    return made;
  }

 private:
  void open() {
    options_.file_system = files_.get();
    options_.file_system_owner = files_;
    database_.emplace(Database::open(path, options_).value());
  }

  std::shared_ptr<MemoryFileSystem> files_ = std::make_shared<MemoryFileSystem>();
  Options options_;
  std::optional<Database> database_;
};

}  // namespace quire::test
