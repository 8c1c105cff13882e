// CopyingBackend: a backend whose guards own what they show, as those over a server would.
//
// It is the engine again, but for the bytes: nothing that was read refers to the file. It is here
// to keep the concept fit for such a backend.
#pragma once

#include <quire/quire.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quire::test {

using CopiedValue = Kept<HeapBytes>;

inline CopiedValue copied(Bytes value, std::uint32_t alignment) {
  HeapBytes copy(value, alignment);
  const Bytes bytes = copy.bytes();
  return {.keeper = std::move(copy), .bytes = bytes};
}

class CopyingSnapshot {
 public:
  explicit CopyingSnapshot(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}

  [[nodiscard]] TxnId txn() const { return snapshot_.txn(); }
  [[nodiscard]] Result<std::optional<TableInfo>> table(std::string_view name) const {
    return snapshot_.table(name);
  }
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const { return snapshot_.tables(); }
  [[nodiscard]] Result<std::optional<TreeRoot>> root(TableId id, std::string_view name) const {
    return snapshot_.root(id, name);
  }
  [[nodiscard]] Result<std::optional<Value>> get(const TreeRoot& root, Bytes key) const {
    return snapshot_.get(root, key);
  }
  [[nodiscard]] Result<std::optional<CopiedValue>> find(const TreeRoot& root, Bytes key) const {
    const auto value = get(root, key);
    if (!value) return fail(value);
    if (!*value) return std::optional<CopiedValue>();
    return copied(**value, root.alignment());
  }
  [[nodiscard]] static Status check_value(const CopiedValue& found, const ValueCheck& check) {
    return check(found.bytes);
  }
  [[nodiscard]] Cursor cursor(const TreeRoot& root) const { return snapshot_.cursor(root); }

 private:
  Snapshot snapshot_;
};

class CopyingSource {
 public:
  using Keeper = HeapBytes;
  static constexpr bool is_shared = false;

  CopyingSource(CopyingSnapshot snapshot, const TreeRoot& root)
      : snapshot_(std::move(snapshot)), cursor_(snapshot_.cursor(root)) {}
  static Result<std::unique_ptr<CopyingSource>> open(const CopyingSnapshot& snapshot,
                                                     const TreeRoot& root) {
    return std::make_unique<CopyingSource>(snapshot, root);
  }

  [[nodiscard]] static Status check() { return {}; }
  Cursor& cursor() { return cursor_; }
  [[nodiscard]] static Status check_value(Bytes value, const ValueCheck& check) {
    return check(value);
  }
  static Result<HeapBytes> keep(Bytes& value, std::uint32_t alignment) {
    auto copy = copied(value, alignment);
    value = copy.bytes;
    return std::move(copy.keeper);
  }

 private:
  CopyingSnapshot snapshot_;
  Cursor cursor_;
};

class CopyingDatabase {
 public:
  explicit CopyingDatabase(Database database) : database_(std::move(database)) {}

  [[nodiscard]] Result<CopyingSnapshot> snapshot() const {
    auto snapshot = database_.snapshot();
    if (!snapshot) return fail(snapshot);
    return CopyingSnapshot(*std::move(snapshot));
  }
  [[nodiscard]] Result<std::optional<CopiedValue>> get(TableId id, std::string_view name,
                                                       Bytes key) const {
    const auto newest = snapshot();
    if (!newest) return fail(newest);
    const auto root = newest->root(id, name);
    if (!root) return fail(root);
    if (*root) return newest->find(**root, key);
    return fail(Error(ErrorCode::table_missing).with_detail(std::string(name)));
  }
  [[nodiscard]] static Status check_value(const CopiedValue& found, const ValueCheck& check) {
    return check(found.bytes);
  }
  [[nodiscard]] Result<WriteTransaction> begin_write() const { return database_.begin_write(); }
  Result<bool> put(TableId id, std::string_view name, Bytes key, Bytes value, PutMode mode,
                   std::optional<Durability> durability) const {
    return database_.put(id, name, key, value, mode, durability);
  }
  Result<bool> erase(TableId id, std::string_view name, Bytes key,
                     std::optional<Durability> durability) const {
    return database_.erase(id, name, key, durability);
  }
  [[nodiscard]] Status sync() const { return database_.sync(); }
  Status close() { return database_.close(); }
  [[nodiscard]] DatabaseIdentity identity() const noexcept { return database_.identity(); }
  [[nodiscard]] const std::string& path() const { return database_.path(); }

 private:
  Database database_;
};

struct CopyingBackend {
  using Place = CopyingBackend;
  using Database = CopyingDatabase;
  using Snapshot = CopyingSnapshot;
  using WriteTransaction = quire::WriteTransaction;
  using Receipt = CommitReceipt;
  using Keeper = HeapBytes;
  using Found = CopiedValue;
  using StateSource = CopyingSource;
  static constexpr bool reserves_aligned = true;

  static Result<Database> open(const StorageChoices& choices) {
    auto database = backend::Native::open(choices);
    if (!database) return fail(database);
    return CopyingDatabase(*std::move(database));
  }
  static void choose(StorageChoices& choices) { backend::Native::choose(choices); }
};
static_assert(Backend<CopyingBackend>);

}  // namespace quire::test
