// TableAppender: puts entries that mostly come in rising order into a table of a write transaction.
//
// Keys above all that are there fill leaf after leaf, which go to their final places at once, many
// in one call, which a thread beside this one makes while the next ones are filled; the tree hears
// of them when they are written, so it never refers to what is not there. Other keys are put one by
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/page/leaf_builder.hpp"
#include "quire/engine/txn/aside.hpp"
#include "quire/engine/txn/open_transaction.hpp"

namespace quire {

/// A value as a leaf holds it. Refers to inline bytes.
class StoredValue {
 public:
  explicit StoredValue(Bytes value) : value_(value) {}
  explicit StoredValue(const layout::OverflowReference& reference) : reference_(reference) {}
  /// Valid as long as this and the bytes.
  [[nodiscard]] LeafValue leaf_value() const {
    if (!reference_) return {value_, false};
    return {std::as_bytes(std::span(&*reference_, 1)), true};
  }

 private:
  Bytes value_;
  std::optional<layout::OverflowReference> reference_;
};

/// Other calls on the transaction may come between its own, and see all that was appended; those of
/// two appenders should not take turns often. After a failure that is no complaint about arguments
/// the transaction is broken, and so it is when this goes without finish().
class TableAppender {
 public:
  /// table_missing.
  static Result<std::unique_ptr<TableAppender>> open(OpenTransaction& transaction, TableId id,
                                                     std::string_view name);
  ~TableAppender();
  TableAppender(const TableAppender&) = delete;
  TableAppender& operator=(const TableAppender&) = delete;

  /// What append() takes for this value: itself, or where it was written. key_too_long,
  /// value_too_large; closed: the transaction has ended.
  Result<StoredValue> store_value(Bytes key, Bytes value);
  /// In place of an older entry of that key. table_missing, closed.
  Status append(Bytes key, const LeafValue& value);

  /// The same for one of many that come in order.
  Status append_waiting(Bytes key, const LeafValue& value) {
    if (!value.is_overflow && staged_.add_alike(key, value.bytes)) [[likely]]
      return {};
    return append(key, value);
  }

  /// Stores and appends a value, if its key is above all that are in the table: true; false:
  /// nothing was done. Fails as store_value() and append() do.
  Result<bool> append_behind(Bytes key, Bytes value) {
    if (staged_.add_alike(key, value)) [[likely]]
      return true;
    return append_behind_slowly(key, value);
  }

  /// Nothing is held back any more, and nothing more appended.
  Status finish();
  /// Nothing of the transaction may be committed.
  void give_up();

 private:
  friend class OpenTransaction;
  static constexpr std::uint32_t first_run_size = 16;
  static constexpr std::uint32_t most_run_size = 1024;  ///< pages taken at once
  /// Bytes that are handed over at once: waking a thread takes as long as writing some pages.
  static constexpr std::size_t gathered_size = std::size_t{1} << 20;
  /// A leaf that is to be written.
  struct Gathered {
    Child leaf;
    std::vector<std::byte> separator;
  };
  /// Leaves that follow each other in the file.
  struct Group {
    std::vector<Gathered> leaves;
    std::unique_ptr<std::byte[]> pages;
    std::size_t count = 0;
  };

  TableAppender(OpenTransaction& transaction, TableId id, std::string_view name,
                std::uint32_t alignment);

  Result<bool> append_behind_slowly(Bytes key, Bytes value);

  // For the transaction
  void forget();  ///< it ends
  Status interrupt();
  Status settle();

  static Group make_group(std::uint32_t page_size);
  [[nodiscard]] std::uint32_t page_size() const { return open().page_size(); }
  [[nodiscard]] OpenTransaction& open() const { return **link_; }
  Status begin();
  Status append_legal(Bytes key, const LeafValue& value);
  Status find_last();
  void set_last(Bytes key);
  [[nodiscard]] bool is_beyond(Bytes key) const;
  Status put(Bytes key, const LeafValue& value);
  Status put_staged();
  Status gather_leaf();
  [[nodiscard]] bool is_next(PageNo number) const;
  Result<PageNo> take_page();
  Status write_gathered();
  Status write(const Group& group) const;
  Status take_written();
  Status take(const Gathered& written);

  std::shared_ptr<OpenTransaction*> link_;  ///< to nothing: it has ended
  TableId id_;
  std::string name_;
  OpenTransaction::OpenTable* table_ = nullptr;  ///< while it may hold entries back
  LeafBuilder staged_;
  std::optional<std::vector<std::byte>>
      last_;  ///< key below those staged; none: the table is empty
  bool knows_last_ = false;
  Group gathered_;
  Group aside_group_;           ///< written aside, or just being written
  std::vector<Gathered> here_;  ///< written here while the thread was busy: they come behind those
  std::vector<Extent> runs_;    ///< taken and not used yet; the last one is next
  std::uint32_t run_size_ = first_run_size;
  bool has_filled_ = false;  ///< a whole group: a thread may pay
  bool is_finished_ = false;
  Aside aside_;  // last: what it does uses the others
};

}  // namespace quire
