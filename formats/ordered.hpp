// OrderedFormat: keys whose bytes sort as the keys do, so that tables can be read by ranges.
//
// What each type becomes is in ordered_code.hpp; here is the format itself, and every code of it.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/key_end.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/descending.hpp"
#include "quire/formats/encoded_key.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/ordered_bytes.hpp"
#include "quire/formats/ordered_code.hpp"
#include "quire/formats/ordered_fields.hpp"
#include "quire/formats/ordered_scalar.hpp"
#include "quire/formats/ordered_sequence.hpp"
#include "quire/formats/ordered_time.hpp"

namespace quire {

/// Keys in their natural order: numbers by value, floating point ones in IEEE total order (so -0 is
/// another key than +0, and before it), tuples and described structs field by field, optionals with
/// nothing first, arrays and lists element by element, Descending ones the other way round. The
/// stored forms are in ordered_code.hpp.
struct OrderedFormat {
  static constexpr bool is_ordered = true;

  template <OrderedKey K>
  using Argument = typename OrderedCode<K>::Argument;

  template <OrderedKey K>
  [[nodiscard]] std::string descriptor() const {
    return OrderedCode<K>::descriptor();
  }

  /// Costs no memory from the heap where K has a fixed size, is a string or is bytes.
  template <OrderedKey K>
  [[nodiscard]] EncodedKey auto encode(const Argument<K>& key) const {
    using Code = OrderedCode<K>;
    if constexpr (Code::fixed_size != varying_size) {
      FixedKey<Code::fixed_size> encoded;
      Code::write(encoded.room.data(), key, Place::last);
      return encoded;
    } else if constexpr (requires { Code::whole(key); }) {
      return BorrowedKey{Code::whole(key)};
    } else {
      OwnedKey encoded(Code::measure(key, Place::last));
      Code::write(encoded.room(), key, Place::last);
      return encoded;
    }
  }

  template <OrderedKey K>
    requires(OrderedCode<K>::fixed_size != varying_size)
  static constexpr std::size_t fixed_size = OrderedCode<K>::fixed_size;

  template <OrderedKey K>
  [[nodiscard]] Result<K> decode(Bytes stored) const {
    Bytes rest = stored;
    auto key = OrderedCode<K>::read(rest, Place::last);
    if (key && rest.empty()) [[likely]]
      return std::move(*key);
    return fail(no_key<K>(stored.size()));
  }

  template <OrderedKey K>
  [[nodiscard, gnu::always_inline]] Status refill(Bytes stored, K& key) const {
    if constexpr (requires { OrderedCode<K>::refill(stored, key); }) {
      OrderedCode<K>::refill(stored, key);
      return {};
    } else {
      Bytes rest = stored;
      auto read = OrderedCode<K>::read(rest, Place::last);
      if (!read || !rest.empty()) [[unlikely]]
        return fail(no_key<K>(stored.size()));
      key = std::move(*read);
      return {};
    }
  }

  template <OrderedKey K>
    requires requires(const KeyEnd& end, K& key) {
      { OrderedCode<K>::refill_end(end, key) } -> std::same_as<bool>;
    }
  [[nodiscard, gnu::always_inline]] bool refill_end(const KeyEnd& end, K& key) const {
    return OrderedCode<K>::refill_end(end, key);
  }

  /// What the stored forms of all keys with these leading fields begin with.
  template <OrderedKey K, class... Given>
    requires PrefixOf<K, Given...>
  [[nodiscard]] OwnedKey encode_prefix(const Given&... given) const {
    OwnedKey prefix(OrderedCode<K>::measure_prefix(given...));
    OrderedCode<K>::write_prefix(prefix.room(), given...);
    return prefix;
  }

 private:
  template <OrderedKey K>
  [[gnu::cold, gnu::noinline]] static Error no_key(std::size_t size) {
    return Error(ErrorCode::corrupt)
        .with_detail("a key of " + std::to_string(size) + " bytes is not the stored form of a " +
                     OrderedCode<K>::descriptor());
  }
};
static_assert(OrderedKeyFormat<OrderedFormat, std::uint64_t>);
static_assert(OrderedKeyFormat<OrderedFormat, std::string>);
static_assert(RefillsKeyEnds<OrderedFormat, std::string> &&
              RefillsKeyEnds<OrderedFormat, std::uint64_t>);
static_assert(OrderedKeyFormat<OrderedFormat, std::tuple<std::string, std::uint32_t>>);
static_assert(OrderedKeyFormat<OrderedFormat, std::pair<double, std::optional<std::string>>>);
static_assert(OrderedKeyFormat<OrderedFormat, std::tuple<Uuid, std::chrono::sys_days>>);
static_assert(OrderedKeyFormat<OrderedFormat, std::vector<std::array<std::int32_t, 2>>>);
static_assert(OrderedKeyFormat<OrderedFormat, Descending<std::string>>);

}  // namespace quire
