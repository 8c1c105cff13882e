// What must hold of every code of the ordered format, tried with random keys.
//
// The order of keys is told here by what the types are made of, without looking at any bytes.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "quire/formats/ordered.hpp"
#include "unit/formats/sample_keys.hpp"

namespace quire::test {

// ---- The order of keys

template <class T>
struct Order {
  static std::strong_ordering of(const T& left, const T& right) { return left <=> right; }
};

template <class T>
std::strong_ordering order(const T& left, const T& right) {
  return Order<T>::of(left, right);
}

template <FloatingKey T>
struct Order<T> {
  static std::strong_ordering of(T left, T right) { return std::strong_order(left, right); }
};

template <class T>
struct Order<Descending<T>> {
  static std::strong_ordering of(const Descending<T>& left, const Descending<T>& right) {
    return order(right.value, left.value);
  }
};

template <class T>
struct Order<std::optional<T>> {
  static std::strong_ordering of(const std::optional<T>& left, const std::optional<T>& right) {
    return left && right ? order(*left, *right) : left.has_value() <=> right.has_value();
  }
};

template <class Elements>
struct OrderOfElements {
  static std::strong_ordering of(const Elements& left, const Elements& right) {
    return std::lexicographical_compare_three_way(
        left.begin(), left.end(), right.begin(), right.end(),
        [](const auto& one, const auto& other) { return order(one, other); });
  }
};
template <class T>
struct Order<std::vector<T>> : OrderOfElements<std::vector<T>> {};
template <class T, std::size_t size>
struct Order<std::array<T, size>> : OrderOfElements<std::array<T, size>> {};

template <class... Fields>
std::strong_ordering order_of_fields(const std::tuple<Fields...>& left,
                                     const std::tuple<Fields...>& right) {
  auto result = std::strong_ordering::equal;
  [&]<std::size_t... index>(std::index_sequence<index...>) {
    static_cast<void>(
        ((result = order(std::get<index>(left), std::get<index>(right)), result == 0) && ...));
  }(std::index_sequence_for<Fields...>());
  return result;
}

/// The fields of a key that has some.
template <class... Fields>
const std::tuple<Fields...>& fields_of(const std::tuple<Fields...>& key) {
  return key;
}
template <class First, class Second>
std::tuple<First, Second> fields_of(const std::pair<First, Second>& key) {
  return key;
}
template <DescribedStruct T>
auto fields_of(const T& key) {
  return [&]<std::size_t... index>(std::index_sequence<index...>) {
    return std::tuple(description<T>.template field<index>(key)...);
  }(std::make_index_sequence<field_count<T>>());
}

template <class T>
  requires requires(const T& key) { fields_of(key); }
struct Order<T> {
  static std::strong_ordering of(const T& left, const T& right) {
    return order_of_fields(fields_of(left), fields_of(right));
  }
};

// ---- The laws

inline std::vector<std::byte> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

inline bool begins_with(Bytes bytes, Bytes prefix) {
  return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}

template <class K>
std::vector<std::byte> encoded(const KeyArgument<OrderedFormat, K>& key) {
  const auto held = OrderedFormat{}.encode<K>(key);
  return copy_of(held.bytes());
}

/// A type of key without its type, so that the laws are compiled once.
struct KeyType {
  /// The stored form of the key that bytes decode to, or why they are none.
  Result<std::vector<std::byte>> (*store_again)(Bytes stored);
};

template <class K>
Result<std::vector<std::byte>> store_again(Bytes stored) {
  const auto decoded = OrderedFormat{}.decode<K>(stored);
  if (!decoded) return fail(decoded);
  return encoded<K>(*decoded);
}

/// Law: any bytes decode to the one key that they are the stored form of, or are called corrupt.
inline void check_that_decoding_is_exact(const KeyType& type, Bytes stored) {
  // A copy of its own, so that the address sanitizer sees what is read behind its end.
  const std::vector<std::byte> copy = copy_of(stored);
  const auto again = type.store_again(copy);
  if (again) {
    CHECK(*again == copy);
  } else {
    CHECK(again.error().code() == ErrorCode::corrupt);
  }
}

template <class K>
void check_that_decoding_is_exact(Bytes stored) {
  K key{};
  CHECK(OrderedFormat{}.refill<K>(stored, key).has_value() ==
        OrderedFormat{}.decode<K>(stored).has_value());
  check_that_decoding_is_exact({&store_again<K>}, stored);
}

/// Puts some byte in another's place, takes one out, or puts one in.
inline void mutate(std::vector<std::byte>& bytes, Random& random) {
  const std::size_t at = below(random, bytes.size() + 1);
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  if (below(random, 3) == 0 || at == bytes.size()) {
    bytes.insert(place, sample_byte(random));
  } else if (below(random, 3) == 0) {
    bytes.erase(place);
  } else {
    *place = sample_byte(random);
  }
}

inline void check_damaged(const KeyType& type, std::vector<std::byte> stored, Random& random) {
  for (std::size_t size = 0; size < stored.size(); ++size) {
    check_that_decoding_is_exact(type, Bytes(stored).first(size));
  }
  for (int mutation = 0; mutation < 4; ++mutation) {
    mutate(stored, random);
    check_that_decoding_is_exact(type, stored);
  }
}

/// Law: stored forms compare as the keys do, alone and where other fields follow.
inline void check_order(Bytes left, Bytes right, std::strong_ordering expected) {
  CHECK((compare(left, right) <=> 0) == expected);
}
inline void check_round_trip(bool is_decoded_the_same) { CHECK(is_decoded_the_same); }

/// Another key that begins in the same way becomes this one.
template <class K>
void check_key_end(Bytes stored, const K& other, Random& random) {
  const std::size_t kept = below(random, stored.size() + 1);
  std::vector<std::byte> before = copy_of(stored.first(kept));
  const auto other_bytes = encoded<K>(other);
  before.insert(before.end(), other_bytes.begin(), other_bytes.end());
  constexpr bool is_fixed = OrderedCode<K>::fixed_size != varying_size;
  if (is_fixed) before.resize(stored.size());
  K key{};
  CHECK(OrderedFormat{}.refill<K>(before, key).has_value());
  // A copy of its own, so that the address sanitizer sees what is read behind its end.
  std::vector<std::byte> tail = copy_of(stored.subspan(std::min(stored.size(), kept + 8)));
  tail.resize(tail.size() + below(random, 2 * copy_slack), std::byte{0x5A});
  KeyEnd end{kept, stored.size() - kept, {}, tail.data(), tail.size(), 0};
  for (std::size_t at = 0; at < kept && kept < 8; ++at)
    end.kept_front |= std::to_integer<std::uint64_t>(stored[at]) << (56 - 8 * at);
  if (kept >= 8) end.kept_front = random();
  copy_bytes(end.front.data(), stored.subspan(kept, std::min<std::size_t>(end.size, 8)));
  REQUIRE(OrderedFormat{}.refill_end<K>(end, key));
  CHECK(std::ranges::equal(Bytes(encoded<K>(key)), stored));

  if (!is_fixed) return;
  end.size += 1;
  CHECK(!OrderedFormat{}.refill_end<K>(end, key));
  CHECK(std::ranges::equal(Bytes(encoded<K>(key)), stored));
}

template <class K>
void check_laws(Random& random) {
  const K left = sample<K>(random);
  const K right = below(random, 8) == 0 ? left : sample<K>(random);
  const auto left_bytes = encoded<K>(left);
  K refilled = right;
  CHECK(OrderedFormat{}.refill<K>(left_bytes, refilled).has_value());
  CHECK(order(refilled, left) == 0);
  if constexpr (RefillsKeyEnds<OrderedFormat, K>) check_key_end<K>(left_bytes, right, random);
  check_order(left_bytes, encoded<K>(right), order(left, right));
  const auto decoded = OrderedFormat{}.decode<K>(left_bytes);
  check_round_trip(decoded && order(*decoded, left) == 0);
  check_damaged({&store_again<K>}, left_bytes, random);
}

/// The laws of each, as keys, as fields anywhere, and within what may hold any type.
template <class... Ks>
void check_laws_of_each(std::uint64_t seeds = 300) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    (check_laws<Ks>(random), ...);
    (check_laws<std::tuple<std::optional<Ks>, Ks, std::string>>(random), ...);
    (check_laws<std::pair<Descending<Ks>, Ks>>(random), ...);
  }
}

/// Law: the prefix for the first `given` fields begins the stored forms of the keys that have them,
/// and of no others.
template <std::size_t given, class K>
void check_prefix(const K& key, const K& other) {
  [&]<std::size_t... index>(std::index_sequence<index...>) {
    const auto& mine = fields_of(key);
    const auto& others = fields_of(other);
    const auto prefix = OrderedFormat{}.encode_prefix<K>(std::get<index>(others)...);
    const bool has_them = ((order(std::get<index>(mine), std::get<index>(others)) == 0) && ...);
    CHECK(begins_with(encoded<K>(key), prefix.bytes()) == has_them);
  }(std::make_index_sequence<given>());
}

/// A key that often has the first fields of another.
template <class K>
K sample_near(const K& key, Random& random) {
  auto bytes = encoded<K>(key);
  const auto other = encoded<K>(sample<K>(random));
  const std::size_t size = std::min(below(random, bytes.size() + 1), other.size());
  std::copy(other.begin() + static_cast<std::ptrdiff_t>(size), other.end(),
            std::back_inserter((bytes.resize(size), bytes)));
  auto near = OrderedFormat{}.decode<K>(bytes);
  return near ? std::move(*near) : sample<K>(random);
}

template <class... Ks>
void check_prefixes_of_each() {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const auto check = [&]<class K>(const K& key) {
      const K other = sample_near(key, random);
      using Fields = std::remove_cvref_t<decltype(fields_of(key))>;
      [&]<std::size_t... count>(std::index_sequence<count...>) {
        (check_prefix<count + 1>(key, other), ...);
      }(std::make_index_sequence<std::tuple_size_v<Fields> - 1>());
    };
    (check(sample<Ks>(random)), ...);
  }
}

}  // namespace quire::test
