// The loops that are timed, written once for all engines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <latch>
#include <span>
#include <thread>
#include <vector>

#include "peers/entries.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

/// The sum over the first eight bytes of what is found.
template <class Key>
std::uint64_t sum_of_gets(auto& reader, const std::vector<Key>& keys) {
  std::uint64_t sum = 0;
  for (const Key& key : keys) reader.get(key, [&](Bytes value) { sum += front_of(value.data()); });
  return sum;
}

/// The same, so many keys at once where the engine can look them up together.
template <class Key>
std::uint64_t sum_of_many_gets(auto& snapshot, const std::vector<Key>& keys) {
  constexpr std::size_t together = 100;
  std::uint64_t sum = 0;
  const auto use = [&](Bytes value) { sum += front_of(value.data()); };
  for (std::size_t begin = 0; begin < keys.size(); begin += together) {
    const std::span<const Key> some =
        std::span(keys).subspan(begin, std::min(together, keys.size() - begin));
    if constexpr (requires { snapshot.get_many(some, use); }) {
      snapshot.get_many(some, use);
    } else {
      for (const Key& key : some) snapshot.get(key, use);
    }
  }
  return sum;
}

/// The sum over all entries, the keys with the first eight bytes of their values.
template <class Keys>
std::uint64_t sum_of_scan(auto& snapshot) {
  std::uint64_t sum = 0;
  snapshot.scan_all(
      [&](const auto& key, Bytes value) { sum += Keys::sum(key) ^ front_of(value.data()); });
  return sum;
}

/// How long single gets take, of every so manieth key.
template <class Key>
Latencies get_latencies(auto& reader, const std::vector<Key>& keys) {
  constexpr std::size_t stride = 8;
  Latencies latencies;
  latencies.reserve(keys.size() / stride + 1);
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < keys.size(); at += stride) {
    timed(latencies,
          [&] { reader.get(keys[at], [&](Bytes value) { sum += front_of(value.data()); }); });
  }
  // The sum is used, so that the gets are made.
  if (sum == 1) latencies.push_back(0);
  return latencies;
}

enum class Order : std::uint8_t { random, rising };

/// Stores all entries in transactions of load_batch: the value of each key is that of its number.
template <class P, class Key>
void load(typename P::Session& session, const std::vector<Key>& keys, const Keys& numbers,
          ValueSource& value, Order order) {
  for (std::size_t begin = 0; begin < keys.size(); begin += load_batch) {
    typename P::Edit edit(session);
    const std::size_t end = std::min<std::size_t>(begin + load_batch, keys.size());
    for (std::size_t at = begin; at < end; ++at) {
      if (order == Order::rising) {
        edit.append(keys[at], value(numbers[at], 0));
      } else {
        edit.put(keys[at], value(numbers[at], 0));
      }
    }
    edit.commit();
  }
}

/// Calls work(thread) in so many threads, one of them the calling one, which begin at the same
/// time.
void in_threads(std::size_t count, auto&& work) {
  std::latch ready(static_cast<std::ptrdiff_t>(count));
  const auto begin = [&](std::size_t thread) {
    ready.arrive_and_wait();
    work(thread);
  };
  std::vector<std::jthread> others;
  for (std::size_t thread = 1; thread < count; ++thread) others.emplace_back(begin, thread);
  begin(0);
}

}  // namespace bench::peers
