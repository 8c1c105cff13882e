// Table: a typed table at its newest state, each edit a transaction of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/bulk_entries.hpp"
#include "quire/api/native.hpp"
#include "quire/api/reads.hpp"
#include "quire/api/schema.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/default_format.hpp"

namespace quire {

template <class SchemaType, Backend Place>
class TableSnapshot;
template <class SchemaType, Backend Place>
class TableEditor;
template <Backend Place>
class OpenEdit;
template <Backend Place>
class BasicWriteBatch;
template <Backend Place>
class BasicStorageSnapshot;
template <Backend Place>
class BasicStorageTransaction;

/// A handle on a table with keys K and values V; TableBuilder makes it. Copies stand for the same
/// table, and so does one that was moved from; a handle keeps its storage open. Thread-safe.
///
/// Each call reads the newest published state; calls that are to agree go through a StorageSnapshot
/// or a StorageTransaction. Each edit here is a transaction of its own, and commits: many edits of
/// one thread belong into one StorageTransaction; those of several threads at the same time become
/// one commit by themselves. Edits fail as begin_write and commit do, and with key_too_long or
/// value_too_large.
template <class K, class V, class KeyCodec = DefaultKeyFormat<K>,
          class ValueCodec = DefaultValueFormat<V>, Backend Place = backend::Native>
class Table : public Reads<Table<K, V, KeyCodec, ValueCodec, Place>,
                           Schema<K, V, KeyCodec, ValueCodec>, typename Place::StateSource> {
  using Source = typename Place::StateSource;
  using Found = typename Place::Found;

 public:
  using SchemaType = Schema<K, V, KeyCodec, ValueCodec>;
  using KeyArgument = typename SchemaType::KeyArgument;
  using ValueArgument = typename SchemaType::ValueArgument;

  /// For TableBuilder: the schema is that of the table.
  explicit Table(std::shared_ptr<const TableBinding<SchemaType, Place>> binding)
      : binding_(std::move(binding)) {}
  // Without moves of its own, which copy then, no handle is ever left without a table.
  Table(const Table&) = default;
  Table& operator=(const Table&) = default;
  ~Table() = default;

  [[nodiscard]] std::string_view name() const noexcept { return binding_->name; }
  [[nodiscard]] TableId id() const noexcept { return binding_->id; }

  /// Stores value under key, in place of an older one, and commits: by default with the durability
  /// that the storage was opened with.
  Status put(const KeyArgument& key, const ValueArgument& value,
             std::optional<Durability> durability = {}) {
    if (auto stored = store(key, value, PutMode::upsert, durability); !stored) return fail(stored);
    return {};
  }

  /// Stores value unless there is one under key; true when it was stored.
  Result<bool> insert_if_absent(const KeyArgument& key, const ValueArgument& value,
                                std::optional<Durability> durability = {}) {
    return store(key, value, PutMode::insert_only, durability);
  }

  /// Removes the entry; false when there was none.
  Result<bool> erase(const KeyArgument& key, std::optional<Durability> durability = {}) {
    return binding_->database.erase(binding_->id, binding_->name,
                                    binding_->schema.encode(key).bytes(), durability);
  }

  // As the calls of TableEditor with these names, each in a transaction of its own. What they give
  // owns a copy.

  auto replace(const KeyArgument& key, const ValueArgument& value,
               std::optional<Durability> durability = {}) {
    return alone(durability, [&](auto& editor) { return editor.replace(key, value); });
  }
  template <class Change>
  Status update(const KeyArgument& key, const Change& change,
                std::optional<Durability> durability = {}) {
    return alone(durability, [&](auto& editor) { return editor.update(key, change); });
  }
  auto pop_first(std::optional<Durability> durability = {})
    requires KeysAreOrdered<SchemaType>
  {
    return alone(durability, [](auto& editor) { return editor.pop_first(); });
  }
  auto pop_last(std::optional<Durability> durability = {})
    requires KeysAreOrdered<SchemaType>
  {
    return alone(durability, [](auto& editor) { return editor.pop_last(); });
  }
  Result<std::uint64_t> erase_range(const KeyArgument& from, const KeyArgument& to,
                                    std::optional<Durability> durability = {})
    requires KeysAreOrdered<SchemaType>
  {
    return alone(durability, [&](auto& editor) { return editor.erase_range(from, to); });
  }
  template <class... Leading>
  Result<std::uint64_t> erase_prefix(const Leading&... leading)
    requires requires(const Table& table) { table.prefix(leading...); }
  {
    return alone({}, [&](auto& editor) { return editor.erase_prefix(leading...); });
  }
  template <class Predicate>
  Result<std::uint64_t> erase_if(const Predicate& is_chosen,
                                 std::optional<Durability> durability = {})
    requires KeysAreOrdered<SchemaType>
  {
    return alone(durability, [&](auto& editor) { return editor.erase_if(is_chosen); });
  }
  Result<std::uint64_t> clear(std::optional<Durability> durability = {}) {
    return alone(durability, [](auto& editor) { return editor.clear(); });
  }
  template <std::ranges::input_range Entries>
    requires BulkEntry<std::ranges::range_reference_t<Entries>, SchemaType>
  Result<std::uint64_t> bulk_load(Entries&& entries, BulkOptions options = {},
                                  std::optional<Durability> durability = {}) {
    return alone(durability, [&](auto& editor) {
      return editor.bulk_load(std::forward<Entries>(entries), std::move(options));
    });
  }

 private:
  friend Reads<Table, SchemaType, Source>;
  friend TableSnapshot<SchemaType, Place>;
  friend BasicStorageSnapshot<Place>;
  friend BasicStorageTransaction<Place>;
  friend BasicWriteBatch<Place>;

  [[nodiscard]] const TableBinding<SchemaType, Place>& binding() const noexcept {
    return *binding_;
  }

  [[nodiscard]] Result<std::optional<Found>> find(Bytes key) const {
    return binding_->database.get(binding_->id, binding_->name, key);
  }
  [[nodiscard]] Status check_found(const Found& found, const ValueCheck& check) const {
    return binding_->database.check_value(found, check);
  }
  [[nodiscard]] Result<bool> holds(Bytes key) const {
    auto found = find(key);
    if (!found) return fail(found);
    return found->has_value();
  }
  [[nodiscard]] Result<TreeRoot> root() const {
    auto snapshot = binding_->database.snapshot();
    if (!snapshot) return fail(snapshot);
    return root_in(*snapshot, *binding_);
  }
  [[nodiscard]] Result<std::unique_ptr<Source>> source() const {
    auto snapshot = binding_->database.snapshot();
    if (!snapshot) return fail(snapshot);
    const auto tree = root_in(*snapshot, *binding_);
    if (!tree) return fail(tree);
    return Source::open(*snapshot, *tree);
  }

  /// Edits in a transaction of its own, which is abandoned when the edit fails.
  template <class Edit, class Editor = TableEditor<SchemaType, Place>>
  auto alone(std::optional<Durability> durability, const Edit& edit)
      -> decltype(edit(std::declval<Editor&>())) {
    auto txn = binding_->database.begin_write();
    if (!txn) return fail(txn);
    const auto open = std::make_shared<OpenEdit<Place>>(binding_->database, std::move(*txn));
    Editor editor(open, binding_);
    auto result = edit(editor);
    if (!result) return result;
    auto ending = open->take();
    if (!ending) return fail(ending);
    if (auto committed = std::move(*ending).commit(durability); !committed) return fail(committed);
    return result;
  }

  Result<bool> store(const KeyArgument& key, const ValueArgument& value, PutMode mode,
                     std::optional<Durability> durability) {
    return binding_->schema.with_stored(value, [&](Bytes stored) {
      return binding_->database.put(binding_->id, binding_->name,
                                    binding_->schema.encode(key).bytes(), stored, mode, durability);
    });
  }

  std::shared_ptr<const TableBinding<SchemaType, Place>> binding_;
};

/// Any table as the bytes that it stores.
template <Backend Place>
using BasicRawTable = Table<ByteString, Bytes, RawFormat, RawFormat, Place>;
using RawTable = BasicRawTable<backend::Native>;

}  // namespace quire
