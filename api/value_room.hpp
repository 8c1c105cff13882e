// What a TableEditor gives for values that are written when their entry is begun: room in place,
// and a writer of pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/open_edit.hpp"
#include "quire/api/schema.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// Room for a value whose entry is in the table: TableEditor::reserve makes it. `*reserved` is what
/// is to be written to, for a plain struct a reference to it; a copy shows the same. Zeros at
/// first, whatever lay there before, so nothing stale gets into the file.
///
/// Good until the next edit of any table of the transaction, its next savepoint or its end: what is
/// in there by then is the value. After that `*` throws BadResult, and what it gave before must not
/// be used any more; the same as long as other threads may be reading (Range::split). Reading
/// tables does no harm. What is written and is no value of the format is
/// `corrupt` for whoever reads it. Not thread-safe.
template <class SchemaType, Backend Place>
class [[nodiscard]] Reserved {
  using Room = decltype(std::declval<const SchemaType&>().room(MutableBytes()));

 public:
  /// For TableEditor, right after the reservation.
  Reserved(std::shared_ptr<const OpenEdit<Place>> open, Room room)
      : open_(std::move(open)), moment_(open_->moment()), room_(hold(room)) {}

  /// closed: the transaction has ended; invalid_argument: it was edited since, or may be read.
  [[nodiscard]] Status check() const {
    if (open_->has_ended()) return fail(OpenEdit<Place>::ended());
    if (open_->is_held()) return fail(OpenEdit<Place>::held());
    if (open_->moment() == moment_) return {};
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("a value was written after its transaction had made an edit"));
  }

  Room operator*() const {
    if (Status good = check(); !good) bad_result(good.error());
    if constexpr (is_reference) {
      return *room_;
    } else {
      return room_;
    }
  }
  auto* operator->() const {
    if (Status good = check(); !good) bad_result(good.error());
    if constexpr (is_reference) {
      return room_;
    } else {
      return &room_;
    }
  }

 private:
  static constexpr bool is_reference = std::is_reference_v<Room>;
  using Held = std::conditional_t<is_reference, std::remove_reference_t<Room>*, Room>;

  static Held hold(Room room) {
    if constexpr (is_reference) {
      return &room;
    } else {
      return room;
    }
  }

  std::shared_ptr<const OpenEdit<Place>> open_;
  typename OpenEdit<Place>::Moment moment_;
  Held room_;
};

/// A value that goes to the file while it comes: TableEditor::put_in_pieces makes it. No more than
/// 256 KiB of it are in memory. The entry is in the table when finish() has returned, and not
/// before; unfinished, nothing is stored, and the transaction is as good as before. Its other edits
/// may come in between, savepoints too: rolling back to one that was taken before this began closes
/// it. Movable. Not thread-safe.
template <class SchemaType, Backend Place>
class [[nodiscard]] PieceWriter {
  using Writer = typename decltype(std::declval<typename Place::WriteTransaction&>().put_in_pieces(
      TableId(), {}, {}, 0))::value_type;

 public:
  using Piece = typename SchemaType::ValueArgument;

  /// For TableEditor.
  PieceWriter(std::shared_ptr<OpenEdit<Place>> open, Writer writer, SchemaType schema)
      : open_(std::move(open)), writer_(std::move(writer)), schema_(std::move(schema)) {}

  /// What comes next. invalid_argument, and nothing happened: it is more than is missing, or other
  /// threads may be reading the transaction. closed: it was finished or rolled back, or the
  /// transaction has ended. After any other failure the transaction is broken.
  Status write(const Piece& piece) {
    if (auto txn = open_->get_alone(); !txn) return fail(txn);
    return schema_.with_stored(piece, [&](Bytes bytes) { return writer_.write(bytes); });
  }

  /// Stores the entry. invalid_argument, and nothing happened: some is missing.
  Status finish() {
    auto txn = open_->edit();
    return txn ? writer_.finish() : fail(txn);
  }

  /// Bytes that are still to come.
  [[nodiscard]] std::uint64_t missing() const { return writer_.missing(); }

 private:
  std::shared_ptr<OpenEdit<Place>> open_;
  Writer writer_;
  [[no_unique_address]] SchemaType schema_;
};

}  // namespace quire
