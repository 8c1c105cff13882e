// Ranges: entries of a table in key order, for range-for, std::views and loops by hand.
//
// Invariant: the end of a range is the end of its entries. A failure in mid-scan (a damaged page, a
// reader slot that could not be had) is never shown as an end: next() and for_each() return it, and
// iterators take it with Result::value(), that is, they throw BadResult, or end the program with
// the error's message where exceptions are off.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/encoded_key.hpp"

namespace quire {

/// A key, decoded, and a guard for its value. A copy keeps the value; see BasicGuard.
template <class K, class Guard>
struct Entry {
  K key;
  Guard value;
};

/// The part of a table that a range covers, as stored keys: from lower on, up to but not upper.
struct KeyBounds {
  std::optional<OwnedKey> lower;  ///< none: from the first entry
  std::optional<OwnedKey> upper;  ///< none: to the last entry

  /// All keys that begin with prefix.
  static KeyBounds of_prefix(OwnedKey prefix) {
    Bytes bytes = prefix.bytes();
    while (!bytes.empty() && bytes.back() == std::byte{0xFF}) bytes = bytes.first(bytes.size() - 1);
    if (bytes.empty()) return {.lower = std::move(prefix), .upper = {}};
    OwnedKey after(bytes);
    std::byte& last = after.room()[bytes.size() - 1];
    last = static_cast<std::byte>(static_cast<unsigned>(last) + 1);
    return {.lower = std::move(prefix), .upper = std::move(after)};
  }

  /// The lowest key above this one.
  static OwnedKey after(const OwnedKey& key) {
    OwnedKey next(key.bytes().size() + 1);
    copy_bytes(next.room(), key.bytes());
    next.room()[key.bytes().size()] = std::byte{0};
    return next;
  }

  [[nodiscard, gnu::always_inline]] bool is_below_upper(Bytes key) const {
    return !upper || compare(key, upper->bytes()) < 0;
  }
  [[nodiscard]] bool is_from_lower(Bytes key) const {
    return !lower || compare(key, lower->bytes()) >= 0;
  }
};

enum class Direction : std::uint8_t { forward, backward };

/// The entries of a table between two keys, at one state: a single-pass range (std::ranges::
/// input_range), read while it is iterated. `for (auto [key, value] : range)` copies each entry,
/// which pins it anew; `for (const auto& [key, value] : range)` does not, and its references last
/// until the next step. Movable, keeps its state readable until it is at its end or goes. Not
/// thread-safe.
template <class SchemaType, EntrySource Source, class EntryType>
class [[nodiscard]] Range {
 public:
  class Iterator;
  /// Whether it shows what is not committed yet, and only the transaction's thread begins one.
  static constexpr bool is_of_transaction = requires { requires Source::is_of_transaction; };

  /// The entries of source, or the failure to have one.
  Range(Result<std::unique_ptr<Source>> source, SchemaType schema, KeyBounds bounds)
      : schema_(std::move(schema)), bounds_(std::move(bounds)) {
    if (source) {
      source_ = std::move(*source);
    } else {
      failure_ = source.error();
    }
  }

  /// The same entries from the last to the first. Needs a range that was not begun.
  [[nodiscard]] Range reversed() && {
    direction_ = direction_ == Direction::forward ? Direction::backward : Direction::forward;
    return std::move(*this);
  }

  /// The entries that come after this key, which need not be there: above it, or of a reversed
  /// range below it. Needs a range that was not begun.
  [[nodiscard]] Range after(const typename SchemaType::KeyArgument& key) && {
    OwnedKey passed(schema_.encode(key).bytes());
    if (direction_ == Direction::backward) {
      if (bounds_.is_below_upper(passed.bytes())) bounds_.upper = std::move(passed);
    } else if (bounds_.is_from_lower(passed.bytes())) {
      bounds_.lower = KeyBounds::after(passed);
    }
    return std::move(*this);
  }

  /// Moves to the next entry, at first to the first one. Null at the end, and ever after. The entry
  /// is good until the next step. An error is given again by each later step.
  [[gnu::always_inline]] Result<const EntryType*> next() {
    if (step_in_leaf()) [[likely]]
      return &*entry_;
    return next_far();
  }

  /// The entry that the last next() gave, moved out. Needs that there was one.
  [[nodiscard]] EntryType take() && {
    // What is left of it is of no use to the next one, neither its key nor its guard.
    short_end_ = 0;
    EntryType taken = std::move(*entry_);
    entry_.reset();
    return taken;
  }

  [[nodiscard]] Direction direction() const noexcept { return direction_; }

  /// The cursor that the range moves, for reading ahead of it; null when the last next() gave no
  /// entry. Must not be moved.
  [[nodiscard]] auto cursor() const -> decltype(&std::declval<Source&>().cursor()) {
    return source_ && entry_ && !failure_ ? &source_->cursor() : nullptr;
  }

  /// How many entries are still to come, by the counts that the tree keeps: reads none of them
  /// (where the backend keeps such counts, as all that is said of them here).
  [[nodiscard]] Result<std::uint64_t> count() const {
    const auto part = rest();
    if (!part) return fail(part);
    return part->size();
  }

  /// Passes over so many entries without reading them; at most to the end. The entry that was
  /// given last stays good until the next step.
  Status skip(std::uint64_t number) {
    const auto part = rest();
    if (!part) return fail(part);
    if (number == 0) return {};
    is_passed_ = true;
    short_end_ = 0;
    if (number >= part->size()) {
      is_over_ = true;
      return {};
    }
    const bool is_forward = direction_ == Direction::forward;
    auto moved =
        source_->cursor().seek_nth(is_forward ? part->first + number - 1 : part->end - number);
    if (!moved) return fail(*(failure_ = moved.error()));
    is_begun_ = true;
    return {};
  }

  /// The entries as so many ranges that follow each other and differ by one entry at most, for as
  /// many threads; fewer when there are fewer entries. All read the same state; where that is what
  /// an open transaction has made, it cannot be edited until each of them is at its end or gone.
  /// too_many_readers; invalid_argument: some were read or passed over already.
  [[nodiscard]] Result<std::vector<Range>> split(std::size_t parts) &&
    requires SharedSource<Source>
  {
    if (is_begun_ || is_over_)
      return fail(Error(ErrorCode::invalid_argument)
                      .with_detail("a range is split before any of it is read or passed over"));
    const auto part = rest();
    if (!part) return fail(part);
    std::vector<Range> ranges;
    const std::size_t count =
        std::min<std::uint64_t>(std::max<std::size_t>(parts, 1), part->size());
    std::optional<OwnedKey> lower = std::move(bounds_.lower);
    for (std::size_t index = 1; index < count; ++index) {
      auto moved = source_->cursor().seek_nth(part->first + part->size() * index / count);
      if (!moved) return fail(moved);
      const Bytes key = source_->cursor().key();
      ranges.emplace_back(source_->share(), schema_,
                          KeyBounds{.lower = std::move(lower), .upper = OwnedKey(key)});
      lower = OwnedKey(key);
    }
    if (source_)
      ranges.emplace_back(source_->share(), schema_,
                          KeyBounds{.lower = std::move(lower), .upper = std::move(bounds_.upper)});
    source_.reset();
    if (direction_ == Direction::forward) return ranges;
    for (Range& range : ranges) range.direction_ = direction_;
    std::ranges::reverse(ranges);
    return ranges;
  }

  /// Calls visit with each entry that is left; one that returns false ends the walk. Never throws
  /// on its own account.
  template <std::invocable<const EntryType&> Visit>
  Status for_each(Visit&& visit) {
    for (;;) {
      auto entry = next();
      if (!entry) return fail(entry);
      if (*entry == nullptr) return {};
      if constexpr (std::same_as<std::invoke_result_t<Visit&, const EntryType&>, bool>) {
        if (!std::invoke(visit, **entry)) return {};
      } else {
        std::invoke(visit, **entry);
      }
    }
  }

  /// Throws BadResult when an entry cannot be read, as the iterator's steps do.
  [[nodiscard]] Iterator begin() {
    if (!is_begun_ || is_passed_ || failure_) step_far();
    return Iterator(*this);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  /// Entries by their numbers in the table.
  struct Part {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    [[nodiscard]] std::uint64_t size() const { return end > first ? end - first : 0; }
  };

  /// What is still to come.
  [[nodiscard]] Result<Part> rest() const {
    if (failure_) return fail(*failure_);
    if (!source_ || is_over_) return Part{};
    if (auto checked = source_->check(); !checked) return fail(checked);
    auto& cursor = source_->cursor();
    Part part{.end = cursor.root().entries};
    const auto set = [&](std::uint64_t& bound, Bytes key, std::uint64_t more) -> Status {
      const auto below = cursor.rank(key);
      if (below) bound = *below + more;
      return below ? Status() : fail(below);
    };
    // On the side that it comes from, the cursor is the bound.
    const bool is_forward = direction_ == Direction::forward;
    Status done;
    if (is_begun_ && is_forward)
      done = set(part.first, cursor.key(), 1);
    else if (bounds_.lower)
      done = set(part.first, bounds_.lower->bytes(), 0);
    if (!done) return fail(done);
    if (is_begun_ && !is_forward)
      done = set(part.end, cursor.key(), 0);
    else if (bounds_.upper)
      done = set(part.end, bounds_.upper->bytes(), 0);
    if (!done) return fail(done);
    if (part.end <= cursor.root().entries) return part;
    return fail(Error(ErrorCode::corrupt)
                    .with_table(cursor.root().table)
                    .with_detail("the branches of a tree count more entries than it has"));
  }

  /// Any other step than the usual one, for iterators.
  [[gnu::noinline]] void step_far() {
    if (auto entry = next_far(); !entry) bad_result(entry.error());
  }

  /// The same for next().
  [[gnu::noinline]] Result<const EntryType*> next_far() {
    is_passed_ = false;
    if (source_ && !failure_ && !is_over_ && read_next()) [[likely]]
      return &*entry_;
    if (failure_) return fail(*failure_);
    entry_.reset();
    source_.reset();
    return nullptr;
  }

  /// The usual step: to the next entry of the same leaf, which is known to be inside, and is shown
  /// by what shows the last one. False where it takes more than that, or has failed.
  [[gnu::always_inline]] bool step_in_leaf() {
    if constexpr (has_short_steps) {
      if (!source_ || !source_->check()) return false;
      auto& cursor = source_->cursor();
      if (!cursor.step_before(short_end_)) return false;
      if constexpr (has_row_steps) return show_row();
      const auto value = cursor.value_in_leaf();
      if (value.is_overflow) [[unlikely]]
        return show_large_value();
      if (auto checked = check(value.bytes); !checked) return failed(checked);
      return show_next(value.bytes);
    } else {
      return false;
    }
  }

  /// Of a leaf of rows, where the entry that was shown last speaks for this one.
  [[gnu::always_inline]] bool show_row() {
    auto& cursor = source_->cursor();
    const Bytes value = cursor.row_value();
    if (!schema_.refill_end(cursor.row_key_end(SchemaType::key_size()), entry_->key)) [[unlikely]]
      return show_whole(value);
    entry_->value.aim(schema_.view(value));
    return true;
  }

  /// The entry that holds the key before is in this leaf, too, and nobody else has changed it.
  [[gnu::always_inline]] bool show_next(Bytes value) {
    if constexpr (SchemaType::refills_key_ends) {
      if (!schema_.refill_end(source_->cursor().key_end(), entry_->key)) [[unlikely]]
        return show_whole(value);
      entry_->value.aim(schema_.view(value));
      return true;
    } else {
      return show_again(source_->cursor().key(), value);
    }
  }

  [[gnu::cold, gnu::noinline]] bool show_whole(Bytes value) {
    return show_again(source_->cursor().key(), value);
  }

  [[gnu::noinline]] bool show_large_value() {
    auto value = source_->cursor().value();
    return value ? show(source_->cursor().key(), *value) : failed(value);
  }

  /// In a leaf that was just entered, and of which an entry was shown: how far short steps may go.
  /// The key that is asked for takes the place of the entry's own, which is decoded by now.
  void find_short_end([[maybe_unused]] bool is_first) {
    if constexpr (has_short_steps) {
      auto& cursor = source_->cursor();
      if (direction_ == Direction::backward || !(is_first || cursor.is_first_in_leaf())) return;
      if constexpr (has_row_steps)
        if (!cursor.has_rows_of(SchemaType::key_size(), schema_.alignment())) return;
      if (!bounds_.upper || bounds_.is_below_upper(cursor.last_key_of_leaf()))
        short_end_ = cursor.count_in_leaf();
    }
  }

  /// False at the end, and with a failure.
  bool read_next() {
    short_end_ = 0;
    if (auto checked = source_->check(); !checked) return failed(checked);
    const bool is_first = !is_begun_;
    auto moved = is_first ? move_to_first() : move_on();
    is_begun_ = true;
    if (!moved) return failed(moved);
    if (!*moved) return false;
    auto& cursor = source_->cursor();
    const Bytes key = cursor.key();
    const bool is_inside =
        direction_ == Direction::forward ? bounds_.is_below_upper(key) : bounds_.is_from_lower(key);
    if (!is_inside) return false;
    auto value = cursor.value();
    if (!value) return failed(value);
    if (!show(key, *value)) return false;
    find_short_end(is_first);
    return true;
  }
  /// Keeps the failure, for this step and all later ones.
  [[gnu::cold, gnu::noinline]] bool failed(const auto& result) {
    failure_ = result.error();
    short_end_ = 0;
    return false;
  }

  [[nodiscard]] Status check(Bytes value) const {
    return schema_.check_by(
        value, [&](const ValueCheck& check) { return source_->check_value(value, check); });
  }

  Result<bool> move_on() {
    auto& cursor = source_->cursor();
    return direction_ == Direction::forward ? cursor.next() : cursor.previous();
  }

  Result<bool> move_to_first() {
    auto& cursor = source_->cursor();
    if (direction_ == Direction::forward) {
      return bounds_.lower ? cursor.seek(bounds_.lower->bytes()) : cursor.seek_first();
    }
    if (!bounds_.upper) return cursor.seek_last();
    auto found = cursor.seek_at_or_before(bounds_.upper->bytes());
    if (!found || !*found || bounds_.is_below_upper(cursor.key())) return found;
    return cursor.previous();
  }

  /// False with a failure, as all that follows.
  bool show(Bytes key, Bytes value) {
    if constexpr (SchemaType::is_packed) {
      auto unpacked = schema_.unpack(value);
      if (!unpacked) return failed(unpacked);
      const Bytes bytes = unpacked->bytes();
      return put_entry(key, *std::move(unpacked), bytes);
    } else {
      if (auto checked = check(value); !checked) return failed(checked);
      return show_in_place(key, value);
    }
  }

  /// Where one keeper is for all values, what shows the last entry shows this one.
  bool show_in_place(Bytes key, Bytes value) {
    if (Source::is_shared && entry_) return show_again(key, value);
    auto keeper = source_->keep(value, schema_.alignment());
    if (!keeper) return failed(keeper);
    return put_entry(key, *std::move(keeper), value);
  }

  [[gnu::always_inline]] bool show_again(Bytes key, Bytes value) {
    if (auto decoded = schema_.refill(key, entry_->key); !decoded) return failed(decoded);
    entry_->value.aim(schema_.view(value));
    return true;
  }

  template <class Keeper>
  bool put_entry(Bytes key, Keeper keeper, Bytes value) {
    auto decoded = schema_.decode(key);
    if (!decoded) return failed(decoded);
    entry_.emplace(*std::move(decoded),
                   decltype(EntryType::value)(std::move(keeper), schema_.view(value)));
    return true;
  }

  static constexpr bool has_short_steps = Source::is_shared && !SchemaType::is_packed &&
                                          requires(Source& source) { source.cursor().key_end(); };

  static constexpr bool has_row_steps = has_short_steps && SchemaType::knows_rows;

  [[no_unique_address]] SchemaType schema_;
  KeyBounds bounds_;
  Direction direction_ = Direction::forward;
  bool is_begun_ = false;
  bool is_over_ = false;            ///< the rest was passed over
  bool is_passed_ = false;          ///< some were passed over since the last step
  std::uint32_t short_end_ = 0;     ///< steps to the leaf's entries before this one are short
  std::unique_ptr<Source> source_;  ///< none: at the end
  std::optional<EntryType> entry_;  ///< where an iterator is
  std::optional<Error> failure_;
};

/// Points into its range, which must stay where it is. Single pass.
template <class SchemaType, EntrySource Source, class EntryType>
class Range<SchemaType, Source, EntryType>::Iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = EntryType;
  using difference_type = std::ptrdiff_t;

  explicit Iterator(Range& range) noexcept : range_(&range) {}

  const EntryType& operator*() const noexcept { return *range_->entry_; }
  const EntryType* operator->() const noexcept { return &*range_->entry_; }
  [[gnu::always_inline]] Iterator& operator++() {
    if (!range_->step_in_leaf()) [[unlikely]]
      range_->step_far();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept { return !range_->entry_; }

 private:
  Range* range_;
};

}  // namespace quire
