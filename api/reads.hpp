// Reads: what can be read from a table, written once for its three faces: the newest state (Table),
// a snapshot (TableSnapshot) and an open write transaction (TableEditor).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <ranges>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/guard.hpp"
#include "quire/api/key_group.hpp"
#include "quire/api/range.hpp"
#include "quire/api/schema.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// A range of what a table of this schema takes as keys.
template <class Keys, class SchemaType>
concept KeysFor =
    std::ranges::input_range<Keys> && std::convertible_to<std::ranges::range_reference_t<Keys>,
                                                          const typename SchemaType::KeyArgument&>;

/// The base of each face. Every call reads one state, and all that it returns keeps that state.
/// Any call may fail with what the file or the system does (corrupt, io_failed), with
/// too_many_readers, with closed, and with table_missing when the table was dropped. Where it says
/// O(height), a backend that does not count walks instead.
template <class Self, class SchemaType, EntrySource Source>
class Reads {
  using K = typename SchemaType::Key;
  using KeyArgument = typename SchemaType::KeyArgument;

 public:
  /// A guard, movable and copyable, that shows a value and keeps it: `(*guard)`, `guard->`.
  using Guard = BasicGuard<typename SchemaType::Stored, typename SchemaType::ValueFormatType,
                           typename SchemaType::template KeeperFor<typename Source::Keeper>>;
  /// `.key` and `.value`, the latter a guard.
  using Entry = quire::Entry<K, Guard>;
  using Range = quire::Range<SchemaType, Source, Entry>;

  /// The value under key; nothing when there is none. `corrupt` when the stored bytes are no such
  /// value.
  [[nodiscard]] Result<std::optional<Guard>> get(const KeyArgument& key) const {
    auto found = self().find(schema().encode(key).bytes());
    if (!found) [[unlikely]]
      return fail(found);
    if (!*found) return std::optional<Guard>();
    if constexpr (SchemaType::is_packed) {
      return unpacked((*found)->bytes);
    } else {
      if (auto checked = check(**found); !checked) [[unlikely]]
        return fail(checked);
      auto& [keeper, bytes] = **found;
      return std::optional<Guard>(std::in_place, std::move(keeper), schema().view(bytes));
    }
  }

  /// Whether there is a value under key. Mind that the Result itself is true when the call
  /// succeeded.
  [[nodiscard]] Result<bool> contains(const KeyArgument& key) const {
    return self().holds(schema().encode(key).bytes());
  }

  /// How many entries there are. Costs no walk.
  [[nodiscard]] Result<std::uint64_t> size() const {
    auto root = self().root();
    if (!root) return fail(root);
    return root->entries;
  }

  /// All entries in key order, as they are now. See Range for what happens on errors.
  [[nodiscard]] Range range() const
    requires KeysAreOrdered<SchemaType>
  {
    return make_range({});
  }

  /// The entries from a key on, up to but not with another one. Empty when from is not below to.
  [[nodiscard]] Range range(const KeyArgument& from, const KeyArgument& to) const
    requires KeysAreOrdered<SchemaType>
  {
    return make_range({.lower = own(from), .upper = own(to)});
  }

  /// The entries from a key on to the last one.
  [[nodiscard]] Range range_from(const KeyArgument& from) const
    requires KeysAreOrdered<SchemaType>
  {
    return make_range({.lower = own(from), .upper = {}});
  }

  /// All entries from the last to the first. For a part of them: range(from, to).reversed().
  [[nodiscard]] Range reverse() const
    requires KeysAreOrdered<SchemaType>
  {
    return range().reversed();
  }

  /// The entries whose keys begin with this text or these bytes; where keys are tuples, those with
  /// these leading fields: `names.prefix("Apple")`, the last of which may be given by its
  /// beginning: `names.prefix(quire::starts_with("App"))`.
  template <class... Leading>
  [[nodiscard]] Range prefix(const Leading&... leading) const
    requires requires(const typename SchemaType::KeyFormatType& format) {
      { format.template encode_prefix<K>(leading...) } -> std::same_as<OwnedKey>;
    }
  {
    return make_range(
        KeyBounds::of_prefix(schema().key_format.template encode_prefix<K>(leading...)));
  }

  /// The entry with the lowest key, and with the highest; nothing when the table is empty.
  [[nodiscard]] Result<std::optional<Entry>> first() const
    requires KeysAreOrdered<SchemaType>
  {
    return first_of(range());
  }
  [[nodiscard]] Result<std::optional<Entry>> last() const
    requires KeysAreOrdered<SchemaType>
  {
    return first_of(reverse());
  }

  /// The first entry that is not below key, and the first that is above it; nothing when there is
  /// none.
  [[nodiscard]] Result<std::optional<Entry>> lower_bound(const KeyArgument& key) const
    requires KeysAreOrdered<SchemaType>
  {
    return first_of(range_from(key));
  }
  [[nodiscard]] Result<std::optional<Entry>> upper_bound(const KeyArgument& key) const
    requires KeysAreOrdered<SchemaType>
  {
    return first_of(make_range({.lower = KeyBounds::after(own(key)), .upper = {}}));
  }

  /// The entry that has so many before it, by the counts that the tree keeps: O(height). Nothing
  /// when there are fewer.
  [[nodiscard]] Result<std::optional<Entry>> nth(std::uint64_t number) const
    requires KeysAreOrdered<SchemaType>
  {
    auto all = range();
    if (auto skipped = all.skip(number); !skipped) return fail(skipped);
    return first_of(std::move(all));
  }

  /// How many entries are below key, which need not be there: O(height).
  [[nodiscard]] Result<std::uint64_t> rank(const KeyArgument& key) const
    requires KeysAreOrdered<SchemaType>
  {
    return make_range({.lower = {}, .upper = own(key)}).count();
  }

  /// How many entries are from a key on, up to but not another one: O(height). For other parts:
  /// `table.prefix("Apple").count()`.
  [[nodiscard]] Result<std::uint64_t> count(const KeyArgument& from, const KeyArgument& to) const
    requires KeysAreOrdered<SchemaType>
  {
    return range(from, to).count();
  }

  /// So many entries at random, none of them twice, in key order; all, where there are not so many.
  /// By the counts that the tree keeps: reads no others. (R. Floyd and J. Bentley, Programming
  /// Pearls: A Sample of Brilliance, CACM 1987.)
  template <std::uniform_random_bit_generator Random>
  [[nodiscard]] Result<std::vector<Entry>> sample(std::uint64_t count, Random& random) const
    requires KeysAreOrdered<SchemaType>
  {
    auto all = range();
    const auto size = all.count();
    if (!size) return fail(size);
    std::vector<Entry> entries;
    std::uint64_t passed = 0;
    for (const std::uint64_t number : sample_numbers(std::min(count, *size), *size, random)) {
      if (auto skipped = all.skip(number - passed); !skipped) return fail(skipped);
      const auto entry = all.next();
      if (!entry) return fail(entry);
      if (*entry == nullptr) break;  // a false count
      entries.push_back(**entry);
      passed = number + 1;
    }
    return entries;
  }

  /// What get() gives for each of the keys, in their order, all of one state. Several times as fast
  /// where the tree is larger than the processor's caches: keys go down the tree in groups, so that
  /// their pages come from memory at the same time.
  template <KeysFor<SchemaType> Keys>
  [[nodiscard]] Result<std::vector<std::optional<Guard>>> get_many(Keys&& keys) const {
    auto source = self().source();
    if (!source) return fail(source);
    std::vector<std::optional<Guard>> guards;
    if constexpr (std::ranges::sized_range<Keys>) guards.reserve(std::ranges::size(keys));
    KeyGroup<SchemaType, Keys> group;
    for (const auto& key : keys) {
      group.add(schema().encode(key));
      if (!group.is_full()) continue;
      if (auto got = get_group(**source, group, guards); !got) return fail(got);
    }
    if (auto got = get_group(**source, group, guards); !got) return fail(got);
    return guards;
  }

  /// Hands all entries to a callback as one range and returns what it returns: for pipelines that
  /// read as one expression. An error in mid-scan throws BadResult through the callback.
  template <class Callback>
  auto with_stream(Callback&& callback) const
    requires KeysAreOrdered<SchemaType>
  {
    using Returned = std::invoke_result_t<Callback, Range>;
    static_assert(!std::ranges::view<std::remove_cvref_t<Returned>>,
                  "a view of the stream would outlive it: gather it with quire::to first");
    return std::invoke(std::forward<Callback>(callback), range());
  }

 private:
  friend Self;
  Reads() = default;

  [[nodiscard]] const Self& self() const noexcept { return static_cast<const Self&>(*this); }
  [[nodiscard]] const SchemaType& schema() const noexcept { return self().binding().schema; }
  /// Of what find() gave.
  [[nodiscard]] Status check(const auto& found) const {
    return schema().check_by(
        found.bytes, [&](const ValueCheck& check) { return self().check_found(found, check); });
  }
  [[nodiscard]] Result<std::optional<Guard>> unpacked(Bytes stored) const {
    auto value = schema().unpack(stored);
    if (!value) return fail(value);
    const Bytes bytes = value->bytes();
    return std::optional<Guard>(std::in_place, *std::move(value), schema().view(bytes));
  }
  /// Adds a guard for each key of the group, or nothing where there is no value, and empties it.
  Status get_group(Source& source, auto& group, std::vector<std::optional<Guard>>& guards) const {
    if (auto checked = source.check(); !checked) return checked;
    if (auto found = group.find(source.cursor()); !found) return found;
    for (const std::optional<Value>& value : group.values()) {
      auto guard = value ? guard_of(source, *value) : Result<std::optional<Guard>>();
      if (!guard) return fail(guard);
      guards.push_back(*std::move(guard));
    }
    group.clear();
    return {};
  }
  [[nodiscard]] Result<std::optional<Guard>> guard_of(Source& source, Bytes stored) const {
    if constexpr (SchemaType::is_packed) {
      return unpacked(stored);
    } else {
      const auto checked = schema().check_by(
          stored, [&](const ValueCheck& check) { return source.check_value(stored, check); });
      if (!checked) return fail(checked);
      auto keeper = source.keep(stored, schema().alignment());
      if (!keeper) return fail(keeper);
      return std::optional<Guard>(std::in_place, std::move(*keeper), schema().view(stored));
    }
  }
  [[nodiscard]] OwnedKey own(const KeyArgument& key) const {
    return OwnedKey(schema().encode(key).bytes());
  }
  [[nodiscard]] Range make_range(KeyBounds bounds) const {
    return Range(self().source(), schema(), std::move(bounds));
  }
  static std::set<std::uint64_t> sample_numbers(std::uint64_t count, std::uint64_t size,
                                                auto& random) {
    std::set<std::uint64_t> numbers;
    for (std::uint64_t last = size - count; last < size; ++last) {
      const std::uint64_t number = std::uniform_int_distribution<std::uint64_t>(0, last)(random);
      if (!numbers.insert(number).second) numbers.insert(last);
    }
    return numbers;
  }
  static Result<std::optional<Entry>> first_of(Range range) {
    auto entry = range.next();
    if (!entry) return fail(entry);
    if (*entry == nullptr) return std::optional<Entry>();
    return std::optional<Entry>(std::move(range).take());
  }
};

}  // namespace quire
