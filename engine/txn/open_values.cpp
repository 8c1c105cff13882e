// Values of a write transaction that are not there when their place is taken: those that come in
// pieces, and those that are written where they lie.
//
// A value that is being written is listed until a tree refers to it: whatever is in the list at the
// end was given up, and its run dies with the commit. A savepoint keeps the list as it was then.

#include <algorithm>
#include <array>
#include <utility>

#include "quire/engine/page/key_buffer.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/txn/edit_watch.hpp"
#include "quire/engine/txn/open_transaction.hpp"
#include "quire/engine/txn/value_in_pieces.hpp"

namespace quire {
namespace {

/// What a leaf holds of a value that is written there later.
constexpr std::array<std::byte, layout::max_inline_size(layout::max_page_size)> inline_zeros{};

}  // namespace

/// An entry whose value is stored, or will be, where this says.
Status OpenTransaction::put_stored(OpenTable& table, const Bytes& key, const LeafValue& value) {
  const Result<EditOutcome> stored = table.editor.put(key, value, PutMode::upsert);
  if (!stored) return fail(stored);
  note_change();
  if (!stored->found) ++entry_change_;
  return release_run(*stored, table.committed.table);
}

Status OpenTransaction::put_run(OpenTable& table, const Bytes& key, const Extent& run,
                                std::uint64_t size) {
  const auto reference = make_overflow_reference(run.first.value, size);
  return put_stored(table, key, {std::as_bytes(std::span(&reference, 1)), true});
}

// ---- In pieces

Result<ValueWriter> OpenTransaction::put_in_pieces(TableId id, std::string_view name, Bytes key,
                                                   std::uint64_t size) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  if (Status legal = check_entry(key.size(), size); !legal) return fail(legal);
  auto value = std::make_unique<ValueInPieces>(ValueInPieces{
      .transaction = link(),
      .number = next_unfinished_++,
      .table = id,
      .table_name = (*table)->name,
      .key = {key.begin(), key.end()},
      .size = size,
      .missing = size,
      .run = {},
      .inline_bytes = {},
  });
  unfinished_.push_back({.number = value->number, .run = {}});
  if (is_inline(key.size(), size)) {
    value->inline_bytes.reserve(size);
    return ValueWriter(std::move(value));
  }
  const Result<Extent> run = take_run(size);
  if (!run) return watched<ValueWriter>(fail(run));
  unfinished_.back().run = *run;
  value->run.emplace(page_size(), *run, size, PageIdentity{run->first, txn(), id},
                     context_.pages.seed());
  return ValueWriter(std::move(value));
}

Status OpenTransaction::check_writing(const ValueInPieces& value) const {
  if (Status sound = check_sound(); !sound) return sound;
  const bool is_there =
      std::ranges::find(unfinished_, value.number, &UnfinishedValue::number) != unfinished_.end();
  if (is_there) return {};
  return fail(Error(ErrorCode::closed)
                  .with_detail("the transaction went back to before the value was begun"));
}

Status OpenTransaction::write_piece(ValueInPieces& value, const Bytes& piece) {
  if (!value.run)
    value.inline_bytes.insert(value.inline_bytes.end(), piece.begin(), piece.end());
  else if (Status done = watched<void>(value.run->add(writer(), piece)); !done)
    return done;
  value.missing -= piece.size();
  return {};
}

Status OpenTransaction::finish_value(ValueInPieces& value) {
  const Result<OpenTable*> table = open_table(value.table, value.table_name);
  if (!table) return fail(table);
  if (Status done = interrupt(); !done) return done;
  return watched<void>(store_value(**table, value));
}

Status OpenTransaction::store_value(OpenTable& table, ValueInPieces& value) {
  Status stored;
  if (value.run) {
    if (Status done = value.run->finish(writer()); !done) return done;
    count_written(value.run->run());
    stored = put_run(table, value.key, value.run->run(), value.size);
  } else {
    stored = put_stored(table, value.key, {value.inline_bytes, false});
  }
  if (!stored) return stored;
  std::erase_if(unfinished_, [&](const auto& each) { return each.number == value.number; });
  return keep_budget();
}

/// Before a commit: what no tree refers to dies with it.
void OpenTransaction::release_unfinished() {
  for (const UnfinishedValue& value : unfinished_)
    if (value.run.count > 0) space().release(value.run, txn());
  unfinished_.clear();
}

// ---- Where they lie

Result<MutableBytes> OpenTransaction::reserve(TableId id, std::string_view name, Bytes key,
                                              std::uint64_t size) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  if (Status legal = check_entry(key.size(), size); !legal) return fail(legal);
  // It may lie in a page that goes before all is done.
  KeyBuffer kept;
  key = kept.assign(key);
  if (Status done = interrupt(); !done) return fail(done);
  // What is read after it must move no page: nothing is held back, and the budget is kept before.
  if (Status done = set_appender(nullptr); !done) return fail(done);
  if (Status done = watched<void>(keep_budget()); !done) return fail(done);
  return watched(is_inline(key.size(), size) ? reserve_in_leaf(**table, key, size)
                                             : reserve_run(**table, key, size));
}

Result<MutableBytes> OpenTransaction::reserve_in_leaf(OpenTable& table, const Bytes& key,
                                                      std::uint64_t size) {
  const Bytes value = Bytes(inline_zeros).first(size);
  if (Status done = put_stored(table, key, {value, false}); !done) return fail(done);
  return table.editor.value_of_last(key);
}

/// In memory, until settle_reservation() writes it.
Result<MutableBytes> OpenTransaction::reserve_run(OpenTable& table, const Bytes& key,
                                                  std::uint64_t size) {
  auto reservation = std::make_unique<Reservation>(Reservation{
      .table = table.committed.table, .key = {key.begin(), key.end()}, .room = RunRoom(size)});
  const Result<Extent> run = take_run(size);
  if (!run) return fail(run);
  reservation->run = *run;
  if (Status done = put_run(table, key, *run, size); !done) return fail(done);
  reservation_ = std::move(reservation);
  return reservation_->room.value();
}

void OpenTransaction::seal(Reservation& reservation, MutableBytes header) const {
  seal_overflow(header, reservation.room.value(), {reservation.run.first, txn(), reservation.table},
                context_.pages.seed());
}

/// Makes the map show the value as it is now; it may still change. No page is written twice: what
/// has changed since it was written goes to another run.
Status OpenTransaction::write_reservation() {
  if (!reservation_ || reservation_->is_settled) return {};
  Reservation& reservation = *reservation_;
  if (reservation.is_written)
    return is_as_written(reservation) ? Status() : edited(*this, [&] { return move(reservation); });
  seal(reservation, reservation.room.header());
  Status done = write_run(reservation.run, reservation.room.header(), reservation.room.value());
  reservation.is_written = done.has_value();
  return done;
}

bool OpenTransaction::is_as_written(Reservation& reservation) const {
  std::array<std::byte, overflow_header_size> now{};
  seal(reservation, now);
  return equal(now, reservation.room.header());
}

Status OpenTransaction::move(Reservation& reservation) {
  const std::uint64_t size = reservation.room.value().size();
  const Result<Extent> run = take_run(size);
  if (!run) return fail(run);
  reservation.run = *run;
  seal(reservation, reservation.room.header());
  if (Status done = write_run(*run, reservation.room.header(), reservation.room.value()); !done)
    return done;
  return put_run(tables_.at(reservation.table), reservation.key, *run, size);
}

/// From now on its value is what it is. The memory stays until the next edit after this one, which
/// may be about to store again what is in it.
Status OpenTransaction::settle_reservation() {
  if (!reservation_) return {};
  if (reservation_->is_settled) {
    reservation_.reset();
    return {};
  }
  Status done = watched<void>(write_reservation());
  if (done) reservation_->is_settled = true;
  return done;
}

}  // namespace quire
