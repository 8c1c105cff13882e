// TableCursor: a position in a table of a write transaction, which edits where it stands.
//
// Law: it stands before all entries, at a key, or behind all entries. Where it stands changes only
// by its own calls; what is there may, by edits of anybody in the transaction: next() then goes to
// the first entry above its key, and previous() to the last one below, whatever these are now.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/schema.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/encoded_key.hpp"

namespace quire {

template <class SchemaType, Backend Place>
class TableEditor;

/// TableEditor::cursor makes it, before all entries:
///   auto cursor = editor.cursor();
///   for (auto at = cursor.next(); at.value();)
///     at = is_old(**cursor.value().value()) ? cursor.erase() : cursor.next();
/// A move gives whether there is an entry to stand at; where there is none it stands before or
/// behind all. Of a failed call it stays where it was. The first move or look after an edit, its
/// own or another one, goes down the tree again; others cost what a step of a range does. Once the
/// transaction has ended, every call gives closed. Not thread-safe.
template <class SchemaType, Backend Place>
class [[nodiscard]] TableCursor {
  using Editor = TableEditor<SchemaType, Place>;
  using Source = typename Editor::Source;

 public:
  using Key = typename SchemaType::Key;
  using Guard = typename Editor::Guard;
  using KeyArgument = typename SchemaType::KeyArgument;
  using ValueArgument = typename SchemaType::ValueArgument;

  /// For TableEditor.
  explicit TableCursor(const Editor& editor) : editor_(editor) {}

  Result<bool> seek_first() {
    return go([](auto& cursor) { return cursor.seek_first(); }, Standing::behind);
  }
  Result<bool> seek_last() {
    return go([](auto& cursor) { return cursor.seek_last(); }, Standing::before);
  }
  /// To the first entry that is not below key.
  Result<bool> seek(const KeyArgument& key) {
    const auto encoded = editor_.binding().schema.encode(key);
    return go([&](auto& cursor) { return cursor.seek(encoded.bytes()); }, Standing::behind);
  }

  Result<bool> next() {
    if (standing_ == Standing::before) return seek_first();
    if (standing_ == Standing::behind) return false;
    return go([this](auto& cursor) { return is_placed_ ? cursor.next() : seek_above(cursor); },
              Standing::behind);
  }
  Result<bool> previous() {
    if (standing_ == Standing::behind) return seek_last();
    if (standing_ == Standing::before) return false;
    return go([this](auto& cursor) { return is_placed_ ? cursor.previous() : seek_below(cursor); },
              Standing::before);
  }

  [[nodiscard]] bool is_at_key() const noexcept { return standing_ == Standing::at_key; }

  // What follows needs that it stands at a key: invalid_argument.

  [[nodiscard]] Result<Key> key() const {
    if (!is_at_key()) return fail(no_key());
    return editor_.binding().schema.decode(key_.bytes());
  }

  /// A guard with a copy of the value, which stays good; nothing when the entry is gone.
  [[nodiscard]] Result<std::optional<Guard>> value() {
    if (!is_at_key()) return fail(no_key());
    auto source = current();
    if (!source) return fail(source);
    if (!is_placed_) {
      const auto found = (*source)->cursor().seek(key_.bytes());
      if (!found) return fail(found);
      if (!*found || !is_at_own(**source)) return std::optional<Guard>();
      is_placed_ = true;
    }
    const auto stored = (*source)->cursor().value();
    if (!stored) return fail(stored);
    return editor_.guard_of(**source, *stored);
  }

  /// Stores value under the key, in place of what is there. value_too_large.
  Status put(const ValueArgument& value) {
    if (!is_at_key()) return fail(no_key());
    const auto stored = editor_.store(key_.bytes(), value, PutMode::upsert);
    return stored ? Status() : fail(stored);
  }

  /// Removes the entry, if it is still there, and goes to the next one; true when there is one.
  Result<bool> erase() {
    if (!is_at_key()) return fail(no_key());
    if (auto erased = editor_.erase_stored(key_.bytes()); !erased) return erased;
    return next();
  }

 private:
  enum class Standing : std::uint8_t { before, at_key, behind };

  static Error no_key() {
    return Error(ErrorCode::invalid_argument).with_detail("the cursor stands at no entry");
  }

  /// What shows the table as it is now; made anew after an edit.
  Result<Source*> current() {
    if (source_ && source_->is_current()) return source_.get();
    is_placed_ = false;
    auto made = editor_.source();
    if (!made) return fail(made);
    source_ = *std::move(made);
    return source_.get();
  }

  /// Moves, and stands at the entry that is there, or at this end of all.
  template <class Move>
  Result<bool> go(const Move& move, Standing end) {
    auto source = current();
    if (!source) return fail(source);
    auto moved = move((*source)->cursor());
    is_placed_ = moved && *moved;
    if (!moved) return moved;
    standing_ = *moved ? Standing::at_key : end;
    if (*moved) key_ = OwnedKey((*source)->cursor().key());
    return moved;
  }

  Result<bool> seek_above(auto& cursor) const {
    auto found = cursor.seek(key_.bytes());
    if (found && *found && equal(cursor.key(), key_.bytes())) found = cursor.next();
    return found;
  }
  Result<bool> seek_below(auto& cursor) const {
    auto found = cursor.seek_at_or_before(key_.bytes());
    if (found && *found && equal(cursor.key(), key_.bytes())) found = cursor.previous();
    return found;
  }
  [[nodiscard]] bool is_at_own(Source& source) const {
    return equal(source.cursor().key(), key_.bytes());
  }

  Editor editor_;
  std::unique_ptr<Source> source_;
  bool is_placed_ = false;  ///< the source's cursor stands at the key
  Standing standing_ = Standing::before;
  OwnedKey key_{std::size_t{0}};
};

}  // namespace quire
