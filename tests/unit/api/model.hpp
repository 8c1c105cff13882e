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

/// Law: what the tree's counts tell is what counting tells.
template <class K, class V>
void check_numbers(const auto& face, const Model<K, V>& model, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const Entries<K, V> entries = entries_of(model);
  REQUIRE_FALSE(face.nth(entries.size()).value().has_value());
  for (int round = 0; round < 6; ++round) {
    const K from = sample<K>(random() % 300);
    const K to = sample<K>(random() % 300);
    const auto begin =
        static_cast<std::uint64_t>(std::ranges::distance(model.begin(), model.lower_bound(from)));
    const auto end =
        static_cast<std::uint64_t>(std::ranges::distance(model.begin(), model.lower_bound(to)));
    REQUIRE(face.rank(from).value() == begin);
    REQUIRE(face.count(from, to).value() == (end > begin ? end - begin : 0));
    const auto at = face.lower_bound(from).value();
    REQUIRE(at.has_value() == (begin < entries.size()));
    if (at) REQUIRE(at->key == entries[begin].first);
    const auto above = face.upper_bound(from).value();
    const auto after = model.upper_bound(from);
    REQUIRE(above.has_value() == (after != model.end()));
    if (above) REQUIRE(above->key == after->first);
    if (entries.empty()) continue;
    const std::uint64_t number = random() % entries.size();
    REQUIRE(face.nth(number).value()->key == entries[number].first);
  }
}

/// Law: passing over entries is reading them and taking no notice.
template <class K, class V>
void check_skips(const auto& face, const Model<K, V>& model, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int round = 0; round < 6; ++round) {
    const K from = sample<K>(random() % 300);
    const K to = sample<K>(random() % 300);
    const auto [low, high] = std::minmax(from, to);
    Entries<K, V> expected(model.lower_bound(low), model.lower_bound(high));
    if (to < from) expected.clear();
    auto range = face.range(from, to);
    if (round % 2 == 0) {
      std::ranges::reverse(expected);
      range = std::move(range).reversed();
    }
    for (std::size_t at = 0;; ++at) {
      REQUIRE(range.count().value() == expected.size() - std::min(at, expected.size()));
      const std::size_t over = random() % 4;
      REQUIRE(range.skip(over).has_value());
      at += over;
      const auto entry = range.next().value();
      REQUIRE((entry != nullptr) == (at < expected.size()));
      if (entry == nullptr) break;
      REQUIRE(entry->key == expected[at].first);
    }
    REQUIRE(range.count().value() == 0);
    auto rest = face.range(low, high);
    const std::size_t over = random() % 5;
    REQUIRE(rest.skip(over).has_value());
    Entries<K, V> left(model.lower_bound(low), model.lower_bound(high));
    left.erase(left.begin(),
               left.begin() + static_cast<std::ptrdiff_t>(std::min(over, left.size())));
    REQUIRE(entries_of<V, K>(std::move(rest)) == left);
  }
}

/// Law: the parts of a range are the range, and even.
template <class K, class V>
void check_parts(const auto& face, [[maybe_unused]] const Model<K, V>& model,
                 [[maybe_unused]] std::uint64_t seed) {
  using FaceRange = decltype(face.range());
  if constexpr (requires(FaceRange range) { std::move(range).split(2); }) {
    for (const std::size_t parts : {std::size_t{1}, std::size_t{3}, std::size_t{seed % 70}}) {
      Entries<K, V> forward;
      Entries<K, V> backward;
      const std::size_t least = model.size() / std::max<std::size_t>(parts, 1);
      for (auto& part : face.range().split(parts).value()) {
        const auto entries = entries_of<V, K>(std::move(part));
        REQUIRE(entries.size() >= least);
        REQUIRE(entries.size() <= least + 1);
        forward.insert(forward.end(), entries.begin(), entries.end());
      }
      for (auto& part : face.reverse().split(parts).value())
        for (const auto& entry : entries_of<V, K>(std::move(part))) backward.push_back(entry);
      REQUIRE(forward == entries_of(model));
      REQUIRE(backward == reversed(entries_of(model)));
    }
  }
}

/// Law: keys that are looked up together give what each gives alone.
template <class K, class V>
void check_many(const auto& face, const Model<K, V>& model, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<K> keys;
  for (std::size_t count = random() % 150; keys.size() < count;)
    keys.push_back(sample<K>(random() % 300));
  const auto same = [&](std::size_t index) { return K(keys[index]); };
  const auto guards = seed % 2 == 0 ? face.get_many(keys).value()
                                    : face.get_many(std::views::iota(std::size_t{0}, keys.size()) |
                                                    std::views::transform(same))
                                          .value();
  REQUIRE(guards.size() == keys.size());
  for (std::size_t index = 0; index < keys.size(); ++index) {
    const auto known = model.find(keys[index]);
    REQUIRE(guards[index].has_value() == (known != model.end()));
    if (guards[index]) REQUIRE(owned<V>(**guards[index]) == known->second);
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
  const std::uint64_t seed = model.size();
  check_numbers(face, model, seed);
  check_skips(face, model, seed);
  check_parts(face, model, seed);
  check_many(face, model, seed);
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
