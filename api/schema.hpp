// Schema: the types of a table and the formats that store them.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "quire/api/heap_bytes.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/default_format.hpp"
#include "quire/formats/format.hpp"

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

  [[no_unique_address]] KeyCodec key_format;
  [[no_unique_address]] ValueCodec value_format;

  [[nodiscard]] EncodedKey auto encode(const KeyArgument& key) const {
    return key_format.template encode<K>(key);
  }
  [[nodiscard]] Result<K> decode(Bytes key) const { return key_format.template decode<K>(key); }

  [[nodiscard]] Status check(Bytes stored) const { return value_format.template check<V>(stored); }
  /// The same for who makes it once; lives no longer than this.
  [[nodiscard]] ValueCheck value_check() const {
    return {[](const void* format, Bytes stored) {
              return static_cast<const ValueCodec*>(format)->template check<V>(stored);
            },
            &value_format};
  }
  [[nodiscard]] decltype(auto) view(Bytes stored) const {
    return value_format.template view<V>(stored);
  }

  /// Calls use with the value's stored form, which is gone when it returns. Fails as the format
  /// does with a value that it cannot store.
  auto with_stored(const ValueArgument& value, auto&& use) const -> decltype(use(Bytes())) {
    if constexpr (StoresInPlace<ValueCodec, V>) {
      return use(value_format.template stored_bytes<V>(value));
    } else {
      const Result<std::size_t> size = value_format.template measure<V>(value);
      if (!size) return fail(size);
      HeapBytes bytes(*size, alignment());
      value_format.template write<V>(value, bytes.room());
      return use(bytes.bytes());
    }
  }

  [[nodiscard]] std::uint32_t alignment() const { return value_format.template alignment<V>(); }

  /// What the catalog keeps of it.
  [[nodiscard]] TableSpec spec() const {
    return {.value_alignment = alignment(),
            .key_descriptor = key_format.template descriptor<K>(),
            .value_descriptor = value_format.template descriptor<V>()};
  }
};

/// Which table of which storage a handle stands for. Shared by all handles and never changed.
template <class SchemaType>
struct TableBinding {
  Database database;
  TableId id;
  std::string name;
  [[no_unique_address]] SchemaType schema;
};

}  // namespace quire
