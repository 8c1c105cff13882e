// The data that both engines store: random 64-bit keys, values of 100 bytes.
//
// Keys are distinct by construction: a one-to-one mixing of a counter. So are keys that are never
// stored. A value is a pattern with eight bytes that depend on key and version in front, so that a
// sum over these eight bytes shows whether two engines found the same values.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace bench {

inline constexpr std::size_t value_size = 100;
using Value = std::array<std::uint8_t, value_size>;

/// One-to-one, and looks random.
constexpr std::uint64_t mix(std::uint64_t number) noexcept {
  number += 0x9E37'79B9'7F4A'7C15;
  number = (number ^ (number >> 30)) * 0xBF58'476D'1CE4'E5B9;
  number = (number ^ (number >> 27)) * 0x94D0'49BB'1331'11EB;
  return number ^ (number >> 31);
}

/// Makes the values of one thread; cheap, so that timed loops measure engines.
class ValueMaker {
 public:
  ValueMaker() { value_.fill('v'); }
  /// Valid until the next call.
  const Value& operator()(std::uint64_t key, std::uint64_t version) noexcept {
    const std::uint64_t front = mix(key ^ version << 1);
    std::memcpy(value_.data(), &front, sizeof(front));
    return value_;
  }

 private:
  Value value_{};
};

/// What is summed of each value that was found: its first eight bytes.
inline std::uint64_t front_of(const void* value) noexcept {
  std::uint64_t front;
  std::memcpy(&front, value, sizeof(front));
  return front;
}

/// A key as LMDB stores it: its bytes sort as the numbers do.
class SortableKey {
 public:
  explicit SortableKey(std::uint64_t key) noexcept { *this = key; }
  SortableKey& operator=(std::uint64_t key) noexcept {
    const std::uint64_t turned = std::byteswap(key);
    std::memcpy(bytes_.data(), &turned, sizeof(turned));
    return *this;
  }
  [[nodiscard]] const std::array<std::byte, 8>& bytes() const noexcept { return bytes_; }
  static std::uint64_t read(const void* stored) noexcept { return std::byteswap(front_of(stored)); }

 private:
  std::array<std::byte, 8> bytes_{};
};

using Keys = std::vector<std::uint64_t>;

/// The keys of one run of the benchmark.
class Data {
 public:
  explicit Data(std::uint64_t entries);

  [[nodiscard]] const Keys& random() const noexcept { return random_; }  ///< in order of arrival
  [[nodiscard]] const Keys& sorted() const noexcept { return sorted_; }

  /// Stored keys, picked at random, different in every round; may repeat.
  [[nodiscard]] Keys hits(std::uint64_t round, std::size_t count) const;
  /// Keys that are not stored.
  [[nodiscard]] Keys misses(std::uint64_t round, std::size_t count) const;
  /// Stored keys at scattered places, each once as long as there are so many.
  [[nodiscard]] Keys scattered(std::uint64_t round, std::size_t count) const;

 private:
  Keys random_;
  Keys sorted_;
};

}  // namespace bench
