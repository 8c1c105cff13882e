// TableEditor: a table inside a write transaction.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/bulk_entries.hpp"
#include "quire/api/erased_runs.hpp"
#include "quire/api/native.hpp"
#include "quire/api/open_edit.hpp"
#include "quire/api/reads.hpp"
#include "quire/api/table.hpp"
#include "quire/api/table_cursor.hpp"
#include "quire/api/value_room.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// Reads the entries of a transaction that is not edited meanwhile. For the transaction's thread;
/// what share() gives is for any, and while it is there the transaction is not edited.
template <Backend Place>
class EditSource {
  using WriteTransaction = typename Place::WriteTransaction;
  using Cursor = decltype(std::declval<WriteTransaction&>().cursor(TreeRoot()));

 public:
  using Keeper = HeapBytes;
  static constexpr bool is_shared = false;
  static constexpr bool is_of_transaction = true;

  EditSource(std::shared_ptr<OpenEdit<Place>> open, WriteTransaction& txn, const TreeRoot& root)
      : open_(std::move(open)), edit_count_(open_->edit_count()), cursor_(txn.cursor(root)) {}
  EditSource(const EditSource&) = delete;
  EditSource& operator=(const EditSource&) = delete;
  ~EditSource() {
    if (is_holding_) open_->let_go();
  }

  /// Whether there was no edit since.
  [[nodiscard]] bool is_current() const { return open_->edit_count() == edit_count_; }
  [[nodiscard]] Status check() const {
    if (auto txn = open_->get(); !txn) return fail(txn);
    if (is_current()) return {};
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("a range was read on after its transaction had made an edit"));
  }
  Cursor& cursor() { return cursor_; }
  static Status check_value(Bytes value, const ValueCheck& check) { return check(value); }
  static Result<HeapBytes> keep(Bytes& value, std::uint32_t alignment) {
    HeapBytes copy(value, alignment);
    value = copy.bytes();
    return copy;
  }

  /// closed, invalid_argument: as check().
  [[nodiscard]] Result<std::unique_ptr<EditSource>> share() const
    requires SharesTransactions<Place>
  {
    if (auto checked = check(); !checked) return fail(checked);
    auto txn = open_->get();
    if (!txn) return fail(txn);
    auto shared = std::make_unique<EditSource>(open_, **txn, cursor_.root());
    open_->hold();
    shared->is_holding_ = true;
    return shared;
  }

 private:
  std::shared_ptr<OpenEdit<Place>> open_;
  std::uint64_t edit_count_;
  bool is_holding_ = false;
  Cursor cursor_;
};
static_assert(SharedSource<EditSource<backend::Native>>);

/// A table inside a write transaction, its edits included; StorageTransaction::table makes it.
/// Guards own a copy of their value and stay good; a range ends with invalid_argument when it is
/// read on after an edit. Once the transaction has ended, every call gives closed. Not thread-safe;
/// several threads may read what is not committed yet by the parts that Range::split gives, and as
/// long as there are any that are not at their end, edits, savepoints and the commit are refused.
template <class SchemaType, Backend Place = backend::Native>
class TableEditor : public Reads<TableEditor<SchemaType, Place>, SchemaType, EditSource<Place>> {
  using Binding = TableBinding<SchemaType, Place>;
  using Source = EditSource<Place>;
  using WriteTransaction = typename Place::WriteTransaction;

 public:
  using KeyArgument = typename SchemaType::KeyArgument;
  using ValueArgument = typename SchemaType::ValueArgument;
  /// What a value is looked at through while it lies in the table.
  using Shown = const typename TableEditor::Guard::Shown&;

  TableEditor(std::shared_ptr<OpenEdit<Place>> open, std::shared_ptr<const Binding> binding)
      : open_(std::move(open)), binding_(std::move(binding)) {}
  // Without moves of its own, which copy then, no handle is ever left without a table.
  TableEditor(const TableEditor&) = default;
  TableEditor& operator=(const TableEditor&) = default;
  ~TableEditor() = default;

  /// Stores value under key, in place of an older one. key_too_long, value_too_large.
  Status put(const KeyArgument& key, const ValueArgument& value) {
    const auto stored = store(binding_->schema.encode(key).bytes(), value, PutMode::upsert);
    return stored ? Status() : fail(stored);
  }

  /// Stores value unless there is one under key; true when it was stored.
  Result<bool> insert_if_absent(const KeyArgument& key, const ValueArgument& value) {
    return store(binding_->schema.encode(key).bytes(), value, PutMode::insert_only);
  }

  /// Stores value under key and gives the one that was there before, or nothing.
  Result<std::optional<typename TableEditor::Guard>> replace(const KeyArgument& key,
                                                             const ValueArgument& value) {
    auto old = this->get(key);
    if (!old) return old;
    if (Status stored = put(key, value); !stored) return fail(stored);
    return old;
  }

  /// Stores under key what change() makes of the value there: it gets an optional guard, and
  /// returns the new value, or an optional one, and nothing then means that the entry goes.
  ///   editor.update("Bern", [](const auto& old) { return old ? **old + 1 : 1; })
  template <std::invocable<const std::optional<typename TableEditor::Guard>&> Change>
  Status update(const KeyArgument& key, const Change& change) {
    const auto old = this->get(key);
    if (!old) return fail(old);
    const auto changed = std::invoke(change, *old);
    if constexpr (requires { changed.has_value(); }) {
      if (changed) return put(key, *changed);
      const auto erased = erase(key);
      return erased ? Status() : fail(erased);
    } else {
      return put(key, changed);
    }
  }

  /// Stores a value under key, in place of an older one, and gives it to be written in place: see
  /// Reserved. Of values that have pages of their own (above a quarter of a page), memory waits for
  /// all of it; put_in_pieces() needs none. key_too_long, value_too_large; invalid_argument: the
  /// backend cannot align it as the table is.
  ///   *editor.reserve("Bern").value() = {.people = 134'591};
  [[nodiscard]] Result<Reserved<SchemaType, Place>> reserve(const KeyArgument& key)
    requires ReservesAligned<Place> && ValuesFillInPlace<SchemaType> &&
             ValuesHaveFixedSize<SchemaType>
  {
    using Format = typename SchemaType::ValueFormatType;
    return make_room(key, Format::template fixed_size<typename SchemaType::Stored>);
  }
  /// The same of so many bytes.
  [[nodiscard]] Result<Reserved<SchemaType, Place>> reserve(const KeyArgument& key,
                                                            std::uint64_t size)
    requires ReservesValues<Place> && ValuesFillInPlace<SchemaType> &&
             (!ValuesHaveFixedSize<SchemaType>)
  {
    return make_room(key, size);
  }

  /// Begins to store a value of so many bytes that comes in pieces, without memory for it: see
  /// PieceWriter. Takes the room in the file at once. no_space, key_too_long, value_too_large.
  [[nodiscard]] Result<PieceWriter<SchemaType, Place>> put_in_pieces(const KeyArgument& key,
                                                                     std::uint64_t size)
    requires WritesInPieces<Place> && ValuesAreBytes<SchemaType>
  {
    if (Status same = check_storage(); !same) return fail(same);
    auto txn = open_->get_alone();
    if (!txn) return fail(txn);
    auto writer = (*txn)->put_in_pieces(binding_->id, binding_->name,
                                        binding_->schema.encode(key).bytes(), size);
    if (!writer) return fail(writer);
    return PieceWriter<SchemaType, Place>(open_, *std::move(writer), binding_->schema);
  }

  /// Removes the entry; false when there was none.
  Result<bool> erase(const KeyArgument& key) {
    return erase_stored(binding_->schema.encode(key).bytes());
  }

  /// Removes the entry with the lowest key, or with the highest, and gives it; nothing when the
  /// table is empty.
  Result<std::optional<typename TableEditor::Entry>> pop_first()
    requires KeysAreOrdered<SchemaType>
  {
    return pop(this->first());
  }
  Result<std::optional<typename TableEditor::Entry>> pop_last()
    requires KeysAreOrdered<SchemaType>
  {
    return pop(this->last());
  }

  /// Removes the entries from a key on, up to but not another one; how many there were. Costs
  /// little more than looking at the pages that they lie on, where the backend can do that.
  Result<std::uint64_t> erase_range(const KeyArgument& from, const KeyArgument& to)
    requires KeysAreOrdered<SchemaType>
  {
    return erase_span({binding_->schema.encode(from).bytes(), binding_->schema.encode(to).bytes()});
  }
  /// The same from a key on to the last one, and of all that prefix() would show.
  Result<std::uint64_t> erase_from(const KeyArgument& from)
    requires KeysAreOrdered<SchemaType>
  {
    return erase_span({binding_->schema.encode(from).bytes(), {}});
  }
  template <class... Leading>
  Result<std::uint64_t> erase_prefix(const Leading&... leading)
    requires requires(const TableEditor& editor) { editor.prefix(leading...); }
  {
    using KeyType = typename SchemaType::Key;
    const auto bounds = KeyBounds::of_prefix(
        binding_->schema.key_format.template encode_prefix<KeyType>(leading...));
    KeySpan span{bounds.lower->bytes(), {}};
    if (bounds.upper) span.upper = bounds.upper->bytes();
    return erase_span(span);
  }
  /// Removes every entry.
  Result<std::uint64_t> clear() { return erase_span({}); }

  /// Removes the entries of which is_chosen(key, view) says so, of all or of those from a key on up
  /// to but not another one; how many there were. It is asked once for each, in order, and must not
  /// edit. Neighbours go at once, as by erase_range. If it throws, some of them may be gone.
  ///   sessions.erase_if([&](const Uuid&, const Session& each) { return each.end < now; })
  template <std::predicate<const typename SchemaType::Key&, Shown> Predicate>
  Result<std::uint64_t> erase_if(const Predicate& is_chosen)
    requires KeysAreOrdered<SchemaType>
  {
    return erase_runs(ErasedRuns({}), is_chosen);
  }
  template <std::predicate<const typename SchemaType::Key&, Shown> Predicate>
  Result<std::uint64_t> erase_if(const KeyArgument& from, const KeyArgument& to,
                                 const Predicate& is_chosen)
    requires KeysAreOrdered<SchemaType>
  {
    return erase_runs(ErasedRuns({.lower = this->own(from), .upper = this->own(to)}), is_chosen);
  }

  /// A position that walks over the entries and edits them. Stands before all of them.
  [[nodiscard]] TableCursor<SchemaType, Place> cursor() const
    requires KeysAreOrdered<SchemaType>
  {
    return TableCursor<SchemaType, Place>(*this);
  }

  /// Stores many entries, in any order: pairs, or what has a `.key` and a `.value`. Of equal keys
  /// the last one counts. Several times as fast as put(): entries in key order become pages as they
  /// come, others are sorted first, within options.memory, in a file beside the storage where they
  /// are more. How many were given. After a failure the transaction is broken.
  template <std::ranges::input_range Entries>
    requires BulkEntry<std::ranges::range_reference_t<Entries>, SchemaType>
  Result<std::uint64_t> bulk_load(Entries&& entries, BulkOptions options = {}) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return load_entries(**txn, *binding_, std::forward<Entries>(entries), std::move(options));
  }

 private:
  friend Reads<TableEditor, SchemaType, Source>;
  friend TableCursor<SchemaType, Place>;
  using Reads<TableEditor, SchemaType, Source>::guard_of;

  [[nodiscard]] const Binding& binding() const noexcept { return *binding_; }

  using MaybeEntry = std::optional<typename Reads<TableEditor, SchemaType, Source>::Entry>;
  Result<MaybeEntry> pop(Result<MaybeEntry> entry) {
    if (!entry || !*entry) return entry;
    if (auto erased = erase((*entry)->key); !erased) return fail(erased);
    return entry;
  }
  Result<std::uint64_t> erase_span(const KeySpan& span) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return erase_entries(**txn, binding_->id, binding_->name, span);
  }

  template <class Predicate>
  Result<std::uint64_t> erase_runs(ErasedRuns runs, const Predicate& is_chosen) {
    std::uint64_t count = 0;
    while (!runs.is_over()) {
      auto walk = source();
      if (!walk) return fail(walk);
      const auto gathered = runs.gather(**walk, binding_->schema, is_chosen);
      if (!gathered) return fail(gathered);
      for (const ErasedRun& run : *gathered) {
        const auto erased = erase_run(run);
        if (!erased) return fail(erased);
        count += *erased;
      }
    }
    return count;
  }
  Result<std::uint64_t> erase_run(const ErasedRun& run) {
    if (run.is_one) {
      const auto erased = erase_stored(run.lower.bytes());
      return erased ? Result<std::uint64_t>(*erased ? 1 : 0) : fail(erased);
    }
    KeySpan span{run.lower.bytes(), {}};
    if (run.upper) span.upper = run.upper->bytes();
    return erase_span(span);
  }

  Result<Reserved<SchemaType, Place>> make_room(const KeyArgument& key, std::uint64_t size) {
    auto txn = edit();
    if (!txn) return fail(txn);
    const auto room =
        (*txn)->reserve(binding_->id, binding_->name, binding_->schema.encode(key).bytes(), size);
    if (!room) return fail(room);
    return Reserved<SchemaType, Place>(open_, binding_->schema.room(*room));
  }

  Result<bool> store(Bytes key, const ValueArgument& value, PutMode mode) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return binding_->schema.with_stored(value, [&](Bytes stored) {
      return (*txn)->put(binding_->id, binding_->name, key, stored, mode);
    });
  }
  Result<bool> erase_stored(Bytes key) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return (*txn)->erase(binding_->id, binding_->name, key);
  }

  /// The transaction, to be changed or only read.
  Result<WriteTransaction*> edit() {
    if (Status same = check_storage(); !same) return fail(same);
    return open_->edit();
  }
  [[nodiscard]] Result<WriteTransaction*> read() const {
    if (Status same = check_storage(); !same) return fail(same);
    return open_->get();
  }
  [[nodiscard]] Status check_storage() const {
    if (!open_) return fail(OpenEdit<Place>::ended());
    if (open_->database().identity() == binding_->database.identity()) return {};
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("table " + binding_->name + " is one of another storage"));
  }

  [[nodiscard]] Result<std::optional<Value>> find_in_place(Bytes key) const {
    auto txn = read();
    if (!txn) return fail(txn);
    return (*txn)->get(binding_->id, binding_->name, key);
  }
  [[nodiscard]] Result<std::optional<Kept<HeapBytes>>> find(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    if (!*value) return std::optional<Kept<HeapBytes>>();
    HeapBytes copy(**value, binding_->schema.alignment());
    const Bytes bytes = copy.bytes();
    return Kept<HeapBytes>{std::move(copy), bytes};
  }
  [[nodiscard]] static Status check_found(const Kept<HeapBytes>& found, const ValueCheck& check) {
    return check(found.bytes);
  }
  [[nodiscard]] Result<bool> holds(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    return value->has_value();
  }
  [[nodiscard]] Result<TreeRoot> root() const {
    auto txn = read();
    if (!txn) return fail(txn);
    return (*txn)->root(binding_->id, binding_->name);
  }
  [[nodiscard]] Result<std::unique_ptr<Source>> source() const {
    auto txn = read();
    if (!txn) return fail(txn);
    const auto tree = (*txn)->root(binding_->id, binding_->name);
    if (!tree) return fail(tree);
    return std::make_unique<Source>(open_, **txn, *tree);
  }

  std::shared_ptr<OpenEdit<Place>> open_;
  std::shared_ptr<const Binding> binding_;
};

}  // namespace quire
