// DocumentedFile: reads a database by what docs/file-format.md says.
//
// It takes the place of every field from the document and shares nothing with the engine but the
// checksum function, so it reads a file as somebody would who has only the text. It is strict:
// whatever differs from the text throws.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "format_document.hpp"
#include "quire/engine/base/bytes.hpp"

namespace quire::test {

/// What the file has of one table. Keys and values are strings of bytes.
struct DocumentedTable {
  std::string key_descriptor;
  std::string value_descriptor;
  std::uint64_t alignment = 1;
  std::map<std::string, std::string> entries;
  bool operator==(const DocumentedTable&) const = default;
};
using DocumentedTables = std::map<std::string, DocumentedTable>;

/// A map of the space: each page from the first to the page count is in exactly one of these.
struct DocumentedSpace {
  std::set<std::uint64_t> trees;  ///< overflow runs included
  std::set<std::uint64_t> log;
  std::set<std::uint64_t> free;   ///< pending ones included: nobody looks at them after an opening
  std::uint64_t pending = 0;      ///< pages that the log tells to have died
  std::uint64_t free_before = 0;  ///< pages that the checkpoint says are free
  std::uint64_t page_count = 0;   ///< as the log has it
  int slot_records = 0;           ///< records that lie in the slot
  int page_tails = 0;             ///< log pages with tails
};

/// Not thread-safe. The bytes must outlive it.
class DocumentedFile {
 public:
  explicit DocumentedFile(Bytes file);

  /// Index of the slot with the newest state.
  [[nodiscard]] std::uint64_t newest_slot() const { return newest_slot_; }
  /// A field of that slot.
  [[nodiscard]] std::uint64_t meta(const std::string& field) const;

  /// Where a field lies in its struct.
  [[nodiscard]] DocumentedField place(const std::string& of, const std::string& name) const;
  /// A field of the struct that begins there.
  [[nodiscard]] std::uint64_t field(std::uint64_t base, const std::string& of,
                                    const std::string& name) const;

  /// Reads every tree.
  [[nodiscard]] DocumentedTables tables();
  /// Reads the space log. Needs tables() before.
  [[nodiscard]] DocumentedSpace space();
  /// How many pages of each type tables() and space() came across.
  [[nodiscard]] const std::map<std::string, int>& page_types() const { return types_seen_; }
  [[nodiscard]] int impure_branches() const { return impure_branches_; }

 private:
  struct Reference {
    std::uint64_t page;
    std::uint64_t level;
    std::uint64_t table;
    std::uint64_t newest;
  };
  /// Where a table's tree is.
  struct Tree {
    Reference root;
    std::uint64_t entries;
  };
  struct Arrays {
    std::uint64_t count;
    std::uint64_t prefix_length;
    std::uint64_t heads;
    std::uint64_t end;
  };
  using Entries = std::map<std::string, std::string>;

  [[nodiscard]] std::uint64_t number(std::uint64_t offset, std::uint64_t size) const;
  [[nodiscard]] std::uint64_t size_of(const std::string& of) const;
  [[nodiscard]] std::string text(std::uint64_t offset, std::uint64_t size) const;

  void choose_slot();
  [[nodiscard]] bool is_sound_slot(std::uint64_t slot) const;
  std::uint64_t open_page(std::uint64_t page, std::uint64_t size);
  [[nodiscard]] std::string type_of(std::uint64_t base) const;
  [[nodiscard]] Arrays arrays_of(std::uint64_t base) const;
  [[nodiscard]] std::string key_at(std::uint64_t base, const Arrays& arrays, std::uint64_t index,
                                   std::uint64_t remaining, std::uint64_t tail) const;

  std::uint64_t read_tree(const Reference& reference, std::uint64_t alignment, Entries& entries);
  void read_leaf(std::uint64_t base, std::uint64_t alignment, Entries& entries);
  void read_rows(std::uint64_t base, std::uint64_t alignment, Entries& entries);
  std::uint64_t read_branch(std::uint64_t base, const Reference& reference, std::uint64_t alignment,
                            Entries& entries);
  std::string separator(std::uint64_t base, const Arrays& arrays, std::uint64_t slots,
                        std::uint64_t index) const;
  std::string read_run(std::uint64_t reference, std::uint64_t table);
  /// What the newest slot says of a table, if it does.
  [[nodiscard]] std::optional<Tree> near_tree(std::uint64_t id) const;
  DocumentedTable read_table(const std::string& record, const Entries& catalog);
  void read_log_page(std::uint64_t base, DocumentedSpace& space);
  void read_tail(std::uint64_t at, std::uint64_t size, DocumentedSpace& space);
  void grow(std::uint64_t page_count, DocumentedSpace& space);
  std::uint64_t read_extents(std::uint64_t at, std::uint64_t count, bool is_free,
                             DocumentedSpace& space);

  FormatDocument document_;
  Bytes file_;
  std::map<std::uint64_t, std::string> types_;  // names of page types by number
  std::uint64_t newest_slot_ = 0;
  std::uint64_t page_size_ = 0;
  std::uint64_t file_seed_ = 0;
  std::set<std::uint64_t> tree_pages_;
  std::map<std::string, int> types_seen_;
  int impure_branches_ = 0;
};

}  // namespace quire::test
