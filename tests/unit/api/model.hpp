// The model of a table: a sorted map, and the comparison of the two through every way of reading.
#pragma once

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace quire::test {

struct Reading {
  double value;
  std::uint32_t sensor;
  std::uint32_t flags;
  bool operator==(const Reading&) const = default;
};

template <class K, class V>
using Model = std::map<K, V>;
template <class K, class V>
using Entries = std::vector<std::pair<K, V>>;

/// What a guard shows, as an owned value.
template <class V>
V owned(const auto& view) {
  return V(view);
}

template <class V, class K>
Entries<K, V> entries_of(auto range) {
  Entries<K, V> entries;
  for (const auto& [key, value] : range) entries.emplace_back(key, owned<V>(*value));
  return entries;
}

template <class K, class V>
Entries<K, V> entries_of(const Model<K, V>& model) {
  return {model.begin(), model.end()};
}

template <class K, class V>
Entries<K, V> reversed(Entries<K, V> entries) {
  std::ranges::reverse(entries);
  return entries;
}

/// Small keys and values, so that operations meet: each a function of a random number.
template <class T>
T sample(std::uint64_t number) {
  if constexpr (std::same_as<T, std::string>) {
    static constexpr std::string_view letters("\0a\xFE\xFF", 4);
    std::string text;
    for (; number != 0; number /= 4) text += letters[number % 4];
    return text;
  } else if constexpr (std::same_as<T, Reading>) {
    return {.value = static_cast<double>(number) / 3,
            .sensor = static_cast<std::uint32_t>(number),
            .flags = 7};
  } else if constexpr (std::same_as<T, Empty>) {
    return {};
  } else if constexpr (std::same_as<T, std::tuple<std::string, std::uint32_t>>) {
    return {sample<std::string>(number % 16), static_cast<std::uint32_t>(number / 16)};
  } else {
    return static_cast<T>(number);
  }
}

/// Law: a face of a table gives what the model has.
template <class K, class V>
void check_like(const auto& face, const Model<K, V>& model) {
  REQUIRE(face.size().value() == model.size());
  REQUIRE(entries_of<V, K>(face.range()) == entries_of(model));
  REQUIRE(entries_of<V, K>(face.reverse()) == reversed(entries_of(model)));
  for (const auto& [key, value] : model) {
    auto guard = face.get(key).value();
    REQUIRE(guard.has_value());
    REQUIRE(owned<V>(**guard) == value);
    REQUIRE(face.contains(key).value());
  }
  const auto first = face.first().value();
  const auto last = face.last().value();
  REQUIRE(first.has_value() == !model.empty());
  REQUIRE(last.has_value() == !model.empty());
  if (model.empty()) return;
  CHECK(first->key == model.begin()->first);
  CHECK(owned<V>(*first->value) == model.begin()->second);
  CHECK(last->key == model.rbegin()->first);
  CHECK(owned<V>(*last->value) == model.rbegin()->second);
}

/// Does one random edit to a face and to the model; what the calls answer must agree.
template <class K, class V>
void edit_both(auto& face, Model<K, V>& model, std::mt19937_64& random, std::uint64_t key_count) {
  const K key = sample<K>(random() % key_count);
  const V value = sample<V>(random() % 1000);
  switch (random() % 4) {
    case 0:
    case 1:
      REQUIRE(face.put(key, value).has_value());
      model.insert_or_assign(key, value);
      break;
    case 2:
      REQUIRE(face.insert_if_absent(key, value).value() == model.emplace(key, value).second);
      break;
    default:
      REQUIRE(face.contains(key).value() == model.contains(key));
      REQUIRE(face.erase(key).value() == (model.erase(key) == 1));
      REQUIRE_FALSE(face.get(key).value().has_value());
  }
}

}  // namespace quire::test
