// The entries that workloads store: numbers or URLs as keys, random bytes as values.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "data.hpp"
#include "peers/peer.hpp"

namespace bench::peers {

/// Keys that are 64-bit numbers.
struct NumberKeys {
  using Key = std::uint64_t;
  static constexpr std::string_view label = "u64";
  static Keys of(const Keys& numbers) { return numbers; }
  /// What a key that was found adds to a sum; as a number, or as stored.
  static std::uint64_t sum(std::uint64_t key) noexcept { return key; }
  static std::uint64_t sum(std::string_view stored) noexcept {
    return SortableKey::read(stored.data());
  }
};

/// Keys that look like the addresses of web pages: a few hundred hosts, long common beginnings,
/// lengths that differ. One to one with the numbers that they are made of.
struct UrlKeys {
  using Key = std::string;
  static constexpr std::string_view label = "URL";
  static std::vector<std::string> of(const Keys& numbers);
  static std::uint64_t sum(std::string_view key) noexcept {
    return front_of(key.data() + key.size() - sizeof(std::uint64_t));
  }
};

/// Values of random bytes, which no compression makes smaller: a stretch of a pool of them, with
/// eight bytes in front that depend on key and version. Of one thread; cheap, so that timed loops
/// measure engines.
class ValueSource {
 public:
  /// Bytes of each: eight at least.
  explicit ValueSource(std::size_t size);

  /// Valid until the next call. Another version is another value.
  Bytes operator()(std::uint64_t number, std::uint64_t version) noexcept {
    const std::uint64_t front = mix(number ^ mix(version));
    std::memcpy(value_.data(), pool_.data() + front % pool_size, value_.size());
    std::memcpy(value_.data(), &front, sizeof(front));
    return value_;
  }

 private:
  static constexpr std::size_t pool_size = std::size_t{1} << 20;

  std::vector<std::byte> pool_;
  std::vector<std::byte> value_;
};

/// Of all eight bytes that there are, so that the whole value is read.
inline std::uint64_t sum_of_all(Bytes value) noexcept {
  std::uint64_t sum = 0;
  for (; value.size() >= sizeof(sum); value = value.subspan(sizeof(sum)))
    sum += front_of(value.data());
  return sum;
}

}  // namespace bench::peers
