// Course: one long random use of one database beside its model.
//
// Everything about it follows from its seed: the page size, the options, where the file lies, what
// is done. So a course that fails can be run again alone.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/model.hpp"
#include "quire/engine/database.hpp"
#include "quire/engine/file/memory_file.hpp"
#include "support/model_material.hpp"
#include "support/temporary_directory.hpp"

namespace quire::test {

inline constexpr std::array<std::uint32_t, 5> model_page_sizes = {4096, 8192, 16384, 32768, 65536};

class Course {
 public:
  explicit Course(std::uint64_t seed);

  /// At least so many operations: edits, reads, commits and what else is asked of a database.
  void run(std::uint64_t operations);

  [[nodiscard]] std::uint32_t page_size() const { return options_.page_size; }
  [[nodiscard]] bool is_on_disk() const { return directory_.has_value(); }
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] std::uint64_t openings() const { return openings_; }

 private:
  /// A snapshot, and what it must show for as long as it is held.
  struct Held {
    Snapshot snapshot;
    Model model;
  };
  struct HeldValue {
    PinnedValue value;
    Recipe recipe;
    std::uint32_t alignment;
  };
  struct Undo {
    std::string table;
    std::string key;
    std::optional<Recipe> before;
  };
  /// A savepoint of the open transaction, and the way back to it.
  struct Saved {
    Savepoint savepoint;
    std::size_t undo_size;
    std::optional<Model> backup;  ///< instead, where tables come and go
  };

  // The database's life (course.cpp)
  void open();
  void reopen();
  void check();

  // Transactions (course.cpp)
  void transaction();
  void end(WriteTransaction& txn);
  void commit(WriteTransaction& txn);
  void take_back(std::size_t undo_size = 0);

  // Edits (edits.cpp)
  void edit(WriteTransaction& txn);
  void edit_savepoints(WriteTransaction& txn);
  void edit_tables(WriteTransaction& txn);
  void create_table(WriteTransaction& txn, const std::string& name);
  void put(WriteTransaction& txn, const std::string& name, TableModel& table);
  void erase(WriteTransaction& txn, const std::string& name, TableModel& table);
  void load(WriteTransaction& txn, const std::string& name, TableModel& table);
  void erase_range(WriteTransaction& txn, const std::string& name, TableModel& table);
  [[nodiscard]] Recipe value_for(TableModel& table, const std::string& key);
  void note(const std::string& name, const TableModel& table, const std::string& key);

  // Snapshots and pinned values (course.cpp)
  void hold();
  void let_go();
  void read_held();
  void read_published();
  void require_held_same();

  [[nodiscard]] Model::iterator some_table();

  Dice dice_;
  Options options_;
  std::shared_ptr<MemoryFileSystem> files_;
  std::optional<TemporaryDirectory> directory_;
  std::string path_;
  std::optional<Database> database_;

  Model model_;  ///< the committed state, with the open transaction's edits
  std::vector<Undo> undo_;
  std::optional<Model> backup_;  ///< instead of undo, where tables come and go
  std::vector<Saved> saved_;
  std::vector<Held> held_;
  std::vector<HeldValue> held_values_;
  std::string room_;  ///< for the bytes of values

  std::uint64_t operations_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t openings_ = 0;
};

}  // namespace quire::test
