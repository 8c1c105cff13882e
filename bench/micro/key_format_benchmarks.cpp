// Encoding and decoding keys: the ordered format for each sort of key, and those without an order.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "quire/quire.hpp"

namespace bench {

namespace {

template <class K, class Format>
void add(const std::string& name, const Format& format, const K& key) {
  benchmark::RegisterBenchmark(("encode a key, " + name).c_str(), [=](benchmark::State& state) {
    K argument = key;
    for (auto step : state) {
      benchmark::DoNotOptimize(argument);
      const auto encoded = format.template encode<K>(argument);
      benchmark::DoNotOptimize(encoded.bytes().data());
      benchmark::ClobberMemory();
    }
  });
  benchmark::RegisterBenchmark(("decode a key, " + name).c_str(), [=](benchmark::State& state) {
    const auto encoded = format.template encode<K>(key);
    quire::Bytes stored = encoded.bytes();
    for (auto step : state) {
      benchmark::DoNotOptimize(stored);
      benchmark::DoNotOptimize(format.template decode<K>(stored));
    }
  });
}

const bool is_registered = [] {
  const quire::OrderedFormat ordered;
  const std::string text = "https://www.example.org/articles/17";
  add("u64", ordered, std::uint64_t{17});
  add("i32", ordered, std::int32_t{-17});
  add("double", ordered, 17.5);
  add("text", ordered, text);
  add("UUID", ordered, quire::Uuid{});
  add("day", ordered, std::chrono::sys_days(std::chrono::days(17)));
  add("optional u64", ordered, std::optional(std::uint64_t{17}));
  add("text and u32", ordered, std::tuple(text, std::uint32_t{17}));
  add("u32 and u64", ordered, std::tuple(std::uint32_t{17}, std::uint64_t{17}));
  add("list of u32", ordered, std::vector<std::uint32_t>{1, 2, 3, 4});
  add("descending u64", ordered, quire::Descending(std::uint64_t{17}));
  add("raw bytes", quire::RawFormat{}, quire::ByteString(24, std::byte{1}));
  return true;
}();

}  // namespace

}  // namespace bench
