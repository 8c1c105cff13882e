// What random tests of whole trees are made of: dice, keys and values.
//
// Keys come in shapes and values in sizes that pages treat differently. A model does not keep the
// bytes of a value but the recipe that makes them again, so that models of large values are small.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "quire/engine/base/bytes.hpp"

namespace quire::test {

/// Random numbers that are the same for the same seed everywhere. Not thread-safe.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e37'79b9'7f4a'7c15 + 1) {}

  std::uint64_t number();
  /// Below the limit, which must not be 0.
  std::uint64_t below(std::uint64_t limit) { return number() % limit; }
  /// Below the limit, small numbers much more often than large ones.
  std::uint64_t mostly_small(std::uint64_t limit);
  bool one_in(std::uint64_t chances) { return below(chances) == 0; }
  std::string bytes(std::size_t size);
  template <class T, std::size_t count>
  const T& any_of(const std::array<T, count>& choices) {
    return choices[below(count)];
  }

 private:
  std::uint64_t state_;
};

enum class KeyShape : std::uint8_t {
  numbers,     ///< eight bytes, any
  rising,      ///< eight bytes, each above all before
  falling,     ///< eight bytes, each below all before
  runs,        ///< several rising runs beside each other
  words,       ///< a few letters out of few
  alike,       ///< a common beginning of up to the greatest length, then a few bytes
  zeros,       ///< mostly zero bytes, so that often only the length tells keys apart
  any_length,  ///< any bytes, from none to the greatest length
};
inline constexpr std::array<KeyShape, 8> key_shapes = {
    KeyShape::numbers, KeyShape::rising, KeyShape::falling, KeyShape::runs,
    KeyShape::words,   KeyShape::alike,  KeyShape::zeros,   KeyShape::any_length};

/// Makes keys of one shape. The dice must outlive it.
class KeySource {
 public:
  KeySource(Dice& dice, KeyShape shape, std::uint32_t max_key_size);

  /// A new key, if the shape has new ones.
  std::string next();
  /// A key like those that were made before, to look for.
  std::string guess();

 private:
  std::string run_key(std::uint64_t run, std::uint64_t position) const;

  Dice& dice_;
  KeyShape shape_;
  std::uint32_t max_key_size_;
  std::string beginning_;
  std::array<std::uint64_t, 4> positions_{};
};

/// How to make a value's bytes.
struct Recipe {
  std::uint64_t seed = 0;
  std::uint64_t size = 0;
  bool operator==(const Recipe&) const = default;
};

/// Makes the bytes in room, which is reused; valid until the next call with the same room.
Bytes cook(const Recipe& recipe, std::string& room);
/// Whether these are the recipe's bytes.
bool is_made_of(Bytes bytes, const Recipe& recipe);

enum class ValueSizes : std::uint8_t {
  none,          ///< always empty
  equal,         ///< all of one size of up to 40 bytes
  small,         ///< up to 40 bytes
  mostly_equal,  ///< of one size, now and then of another, so that rows must be converted
  page_part,     ///< up to what lies in the page at most
};
inline constexpr std::array<ValueSizes, 5> value_sizes = {
    ValueSizes::none, ValueSizes::equal, ValueSizes::small, ValueSizes::mostly_equal,
    ValueSizes::page_part};

/// Makes values that lie in the page together with their key. The dice must outlive it.
class ValueSource {
 public:
  ValueSource(Dice& dice, ValueSizes sizes, std::uint32_t max_inline_size)
      : dice_(dice), sizes_(sizes), max_inline_size_(max_inline_size), usual_(dice.below(41)) {}

  Recipe next(std::size_t key_size);

 private:
  Dice& dice_;
  ValueSizes sizes_;
  std::uint64_t max_inline_size_;
  std::uint64_t usual_;
};

}  // namespace quire::test
