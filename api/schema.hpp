// Schema: the types of a table and the formats that store them.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/engine/base/key_end.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/default_format.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/heap_bytes.hpp"
#include "quire/formats/stored_form.hpp"

namespace quire {

/// As copyable and as thread-safe as its formats.
template <class K, class V, KeyFormat<K> KeyCodec, ValueFormat<V> ValueCodec>
struct Schema {
  using Key = K;
  using Stored = V;
  using KeyFormatType = KeyCodec;
  using ValueFormatType = ValueCodec;
  using KeyArgument = quire::KeyArgument<KeyCodec, K>;
  using ValueArgument = quire::ValueArgument<ValueCodec, V>;
  static constexpr bool is_ordered = KeyCodec::is_ordered;
  static constexpr bool is_packed = UnpacksValues<ValueCodec, V>;
  /// What keeps a value that is read from where Keeps keeps the stored bytes.
  template <class Keeps>
  using KeeperFor = std::conditional_t<is_packed, HeapBytes, Keeps>;

  [[no_unique_address]] KeyCodec key_format;
  [[no_unique_address]] ValueCodec value_format;

  [[nodiscard]] EncodedKey auto encode(const KeyArgument& key) const {
    return key_format.template encode<K>(key);
  }
  [[nodiscard]] Result<K> decode(Bytes key) const { return key_format.template decode<K>(key); }

  /// The same into a key that is there, which then may be any where it fails.
  [[nodiscard, gnu::always_inline]] Status refill(Bytes stored, K& key) const {
    if constexpr (RefillsKeys<KeyCodec, K>) {
      return key_format.template refill<K>(stored, key);
    } else {
      auto decoded = decode(stored);
      if (!decoded) return fail(decoded);
      key = *std::move(decoded);
      return {};
    }
  }

  /// The same of a key that begins as the one that is there.
  static constexpr bool refills_key_ends = RefillsKeyEnds<KeyCodec, K>;
  [[nodiscard, gnu::always_inline]] bool refill_end(const KeyEnd& end, K& key) const
    requires refills_key_ends
  {
    return key_format.template refill_end<K>(end, key);
  }

  /// Entries are of one size, and where one was checked, all others that are as large are good.
  static constexpr bool knows_rows =
      refills_key_ends && HasFixedSize<KeyCodec, K> && ChecksSizeOnly<ValueCodec, V> && !is_packed;
  static constexpr std::size_t key_size()
    requires knows_rows
  {
    return KeyCodec::template fixed_size<K>;
  }

  /// What check and view then take, checked already.
  [[nodiscard]] Result<HeapBytes> unpack(Bytes stored) const
    requires is_packed
  {
    auto unpacked = value_format.template unpack<V>(stored);
    if (!unpacked) return unpacked;
    if (auto checked = check(unpacked->bytes()); !checked) return fail(checked);
    return unpacked;
  }
  [[nodiscard]] Status check(Bytes stored) const { return value_format.template check<V>(stored); }
  /// The same; where that is done once for each version of a page, by who knows of pages.
  [[nodiscard]] Status check_by(Bytes stored, const auto& check_once) const {
    if constexpr (ChecksOnce<ValueCodec>) {
      return check_once(value_check());
    } else {
      return check(stored);
    }
  }
  [[nodiscard]] decltype(auto) view(Bytes stored) const {
    return value_format.template view<V>(stored);
  }

  /// Calls use with the value's stored form, which is gone when it returns. Fails as the format
  /// does with a value that it cannot store.
  template <class Use>
  auto with_stored(const ValueArgument& value, const Use& use) const -> decltype(use(Bytes())) {
    return with_stored_form<V>(value_format, value, use);
  }

  /// Calls use with the view of a stored value, which is checked, and unpacked, first.
  template <class Use>
  auto with_view(Bytes stored, const Use& use) const -> decltype(use(view(stored))) {
    if constexpr (is_packed) {
      const auto unpacked = unpack(stored);
      if (!unpacked) return fail(unpacked);
      return use(view(unpacked->bytes()));
    } else {
      if (Status checked = check(stored); !checked) return fail(checked);
      return use(view(stored));
    }
  }

  /// What is written to where a value is stored in bytes of the right size and alignment.
  [[nodiscard]] decltype(auto) room(MutableBytes stored) const {
    return value_format.template room<V>(stored);
  }

  [[nodiscard]] std::uint32_t alignment() const { return value_format.template alignment<V>(); }

  /// What the catalog keeps of it.
  [[nodiscard]] TableSpec spec() const {
    return {.value_alignment = alignment(),
            .key_descriptor = key_format.template descriptor<K>(),
            .value_descriptor = value_format.template descriptor<V>()};
  }

 private:
  /// Lives no longer than this.
  [[nodiscard]] ValueCheck value_check() const {
    return {[](const void* format, Bytes stored) {
              return static_cast<const ValueCodec*>(format)->template check<V>(stored);
            },
            &value_format};
  }
};

/// The table keeps its entries in the order of their keys, by a key format that is
/// OrderedKeyFormat: only such tables have a first entry, and ranges.
template <class SchemaType>
concept KeysAreOrdered = SchemaType::is_ordered;

/// The values of the table may be written where they are stored: its value format is FillsInPlace.
template <class SchemaType>
concept ValuesFillInPlace =
    FillsInPlace<typename SchemaType::ValueFormatType, typename SchemaType::Stored>;
/// All of them have one size.
template <class SchemaType>
concept ValuesHaveFixedSize =
    HasFixedSize<typename SchemaType::ValueFormatType, typename SchemaType::Stored>;
/// They are the bytes that they are stored as, as many as they like.
template <class SchemaType>
concept ValuesAreBytes =
    StoresAnyBytes<typename SchemaType::ValueFormatType, typename SchemaType::Stored>;

/// Which table of which storage a handle stands for. Shared by all handles and never changed.
template <class SchemaType, Backend Place = backend::Native>
struct TableBinding {
  typename Place::Database database;
  TableId id;
  std::string name;
  [[no_unique_address]] SchemaType schema;
};

}  // namespace quire
